import type { Selectable } from 'kysely';
import type { JobStatusEvent, RunSummary, TestStatusEvent } from '#shared/events.ts';
import type { RunsTable } from '#server/db/run-tables.ts';

/** The columns of `runs` that API and streams show. */
export const runColumns = [
  'id',
  'projectId',
  'kind',
  'testId',
  'jobId',
  'suiteId',
  'origin',
  'name',
  'status',
  'version',
  'seq',
  'activitySeq',
  'trigger',
  'triggeredBy',
  'retryOf',
  'partial',
  'repeatedCaseId',
  'repeats',
  'timeoutMs',
  'queuedAt',
  'startedAt',
  'completedAt',
  'durationMs',
  'cancelRequestedAt',
  'cancelRequestedBy',
  'errorCode',
  'errorDetails',
  'total',
  'passed',
  'failed',
  'skipped',
  'notRun',
  'flaky',
  'quarantined',
  'reportPath',
  's3Url',
  'artifactPaths',
  'branch',
  'commitSha',
  'commitMessage',
  'author',
  'pullRequest',
  'buildUrl',
] as const satisfies readonly (keyof RunsTable)[];

export type RunRow = Pick<Selectable<RunsTable>, (typeof runColumns)[number]>;

const firstLineLength = 300;

/** The first line of an error, at most 300 characters. */
export function firstLine(text: string | null): string | null {
  return text?.trimStart().split('\n', 1)[0]?.slice(0, firstLineLength) ?? null;
}

/** A run as lists and the activity feed show it. `errorDetails` is cut to its first line. */
export function toRunSummary(run: RunRow): RunSummary {
  return {
    id: run.id,
    kind: run.kind,
    name: run.name,
    testId: run.testId,
    jobId: run.jobId,
    status: run.status,
    version: run.version,
    activitySeq: run.activitySeq,
    trigger: run.trigger,
    triggeredBy: run.triggeredBy,
    retryOf: run.retryOf,
    partial: run.partial,
    repeatedCaseId: run.repeatedCaseId,
    repeats: run.repeats,
    queuedAt: run.queuedAt,
    startedAt: run.startedAt,
    completedAt: run.completedAt,
    duration: run.durationMs,
    cancelRequestedBy: run.cancelRequestedBy,
    errorCode: run.errorCode,
    errorDetails: firstLine(run.errorDetails),
    reportPath: run.reportPath,
    total: run.total,
    passed: run.passed,
    failed: run.failed,
    skipped: run.skipped,
    notRun: run.notRun,
    quarantined: run.quarantined,
    flaky: run.flaky,
    suiteId: run.suiteId,
    origin: run.origin,
    branch: run.branch,
    commitSha: run.commitSha,
    commitMessage: run.commitMessage,
    author: run.author,
    pullRequest: run.pullRequest,
    buildUrl: run.buildUrl,
  };
}

/** Payload of `job:${runId}:*`. */
export function toJobStatus(run: RunRow): JobStatusEvent {
  return {
    status: run.status,
    runId: run.id,
    version: run.version,
    duration: run.durationMs,
    startedAt: run.startedAt,
    completedAt: run.completedAt,
    errorDetails: run.errorDetails,
    artifactPaths: run.artifactPaths,
    kind: run.kind,
    name: run.name,
    total: run.total,
    passed: run.passed,
    failed: run.failed,
    skipped: run.skipped,
    flaky: run.flaky,
  };
}

/** Payload of `test:${testId}:*`. `s3Url` is for programs that may read in the bucket; people open `reportPath`. */
export function toTestStatus(run: RunRow): TestStatusEvent {
  return {
    status: run.status,
    testId: run.testId,
    runId: run.id,
    version: run.version,
    reportPath: run.reportPath,
    s3Url: run.s3Url,
    error: run.errorDetails,
  };
}

/** What a run is a run of: a column of `runs`, and its value. Of a job that runs a suite: the job. */
export function sourceOf({ testId, jobId, suiteId }: Pick<RunRow, 'testId' | 'jobId' | 'suiteId'>) {
  if (testId !== null) return { column: 'testId', id: testId } as const;
  return jobId !== null ? ({ column: 'jobId', id: jobId } as const) : ({ column: 'suiteId', id: suiteId! } as const);
}
