import { z } from 'zod';
import { caseAnnotation, caseCounts, partPhase } from './run-cases.ts';
import { snapshotOfArtifact } from './snapshots.ts';
import { runKinds, runOrigins, runTriggers } from './run-kinds.ts';
import { externalStatus, runStatus, streamStatus, testStatus } from './run-status-schema.ts';

const isoTime = z.string();
const count = z.int().nonnegative();

/** Where an artifact is served, relative to the origin: `/artifacts/<runId>/…`. */
const artifactPath = z.string();

export const runKind = z.enum(runKinds);
export type RunKind = z.infer<typeof runKind>;

export const runOrigin = z.enum(runOrigins);
export type RunOrigin = z.infer<typeof runOrigin>;

export const runTrigger = z.enum(runTriggers);
export type RunTrigger = z.infer<typeof runTrigger>;

/** `test:${testId}:*`: state of a test's own runs. */
export const testStatusEvent = z.object({
  status: streamStatus,
  testId: z.string().nullish(),
  runId: z.string().nullish(),
  /** Rises with every change of the run; absent on messages of outside publishers. */
  version: count.nullish(),
  reportPath: z.string().nullish(),
  s3Url: z.string().nullish(),
  error: z.string().nullish(),
});
export type TestStatusEvent = z.infer<typeof testStatusEvent>;

/** `job:${runId}:*`: state of a run of either kind. `duration` is milliseconds. */
export const jobStatusEvent = z.object({
  status: streamStatus,
  runId: z.string().nullish(),
  /** Rises with every change of the run; absent on messages of outside publishers. */
  version: count.nullish(),
  duration: z.number().nullish(),
  startedAt: isoTime.nullish(),
  completedAt: isoTime.nullish(),
  errorDetails: z.string().nullish(),
  artifactPaths: z.array(artifactPath).nullish(),
  kind: runKind.nullish(),
  name: z.string().nullish(),
  total: count.nullish(),
  passed: count.nullish(),
  failed: count.nullish(),
  skipped: count.nullish(),
  flaky: count.nullish(),
});
export type JobStatusEvent = z.infer<typeof jobStatusEvent>;

/** Messages of the two status channels: ours, and those of outside publishers as in the reference document. */
export const testStatusMessage = testStatusEvent.extend({ status: externalStatus });
export const jobStatusMessage = jobStatusEvent.extend({ status: externalStatus });

/** An error of a test or step. Text may hold ANSI colour codes. `snippet` is the code frame. */
export const testError = z.object({
  message: z.string(),
  snippet: z.string().nullish(),
  /** Position in the test's script, 1-based. */
  line: count.nullish(),
  column: count.nullish(),
});
export type TestError = z.infer<typeof testError>;

export const artifactKind = z.enum(['report', 'trace', 'video', 'screenshot', 'log']);
export type ArtifactKind = z.infer<typeof artifactKind>;

/** Which attempt of which case an entry of the log belongs to. Absent on entries of earlier versions, and of no case. */
const ofCase = {
  /** Index of the case in its run, from 0. */
  caseIndex: count.nullish(),
  /** 0 for the first, as Playwright's `retry`. */
  attempt: count.nullish(),
};

const logHead = {
  /** Sequence number in the run's log: 1, 2, 3, … without gaps. */
  seq: count,
  at: isoTime,
};

/** Entries of a run's log, without sequence number and time. */
export const runEventBody = z.discriminatedUnion('type', [
  z.object({ type: z.literal('status'), status: runStatus, errorDetails: z.string().nullish() }),
  /** The state of a part of the run (a shard). */
  z.object({
    type: z.literal('part'),
    /** From 0. */
    part: count,
    status: runStatus,
    /** Cases of the part; 0 until they are known. */
    total: count,
    /** The machine that executes it. */
    executor: z.string().nullable(),
    /** The part begins this; absent where another thing changes. */
    phase: partPhase.nullish(),
  }),
  /** The state of a case, when an attempt begins and ends, and once more if the end of the run decides otherwise. */
  z.object({
    type: z.literal('case'),
    /** Index of the case in its run, from 0. */
    index: count,
    /** The case's identity over runs. */
    caseId: z.string(),
    part: count,
    /** Position of the script in the run, from 0; null in a run of a suite. */
    position: count.nullish(),
    /** Name of the Playwright project; empty for the only one. */
    project: z.string(),
    /** Relative to Playwright's `rootDir`; empty for a script. */
    file: z.string(),
    /** Titles of `describe` and `test`, joined with " › ". */
    title: z.string(),
    line: count.nullish(),
    status: testStatus,
    attempt: count,
    flaky: z.boolean(),
    quarantined: z.boolean(),
    /** Milliseconds of all attempts that have ended; null for a case that did not run. */
    duration: z.number().nullable(),
    /** Of the last attempt, all its errors as one. */
    error: testError.nullable(),
    /** All errors of the last attempt. */
    errors: z.array(testError).nullish(),
    /** Those that the script has added while it ran, too. */
    annotations: z.array(caseAnnotation).nullish(),
    tags: z.array(z.string()).nullish(),
  }),
  z.object({
    type: z.literal('test'),
    /** Position of the test in the run, from 0. */
    position: count,
    name: z.string(),
    status: testStatus,
    flaky: z.boolean(),
    /** Milliseconds. */
    duration: z.number().nullable(),
    error: testError.nullable(),
  }),
  z.object({
    type: z.literal('step'),
    /** Position of the script in the run; null in a run of a suite. */
    position: count.nullish(),
    ...ofCase,
    /** Unique in the run. A step is sent twice with the same id: when it starts (`running`) and when it ends. */
    id: z.string(),
    parentId: z.string().nullable(),
    /** `case` for an attempt of a case, which has no parent; else Playwright's step category. */
    category: z.string(),
    title: z.string(),
    status: testStatus,
    duration: z.number().nullable(),
    error: testError.nullable(),
    /** 1-based, in the script or in the file of the case. */
    line: count.nullish(),
  }),
  z.object({
    type: z.literal('log'),
    stream: z.enum(['stdout', 'stderr']),
    text: z.string(),
    /** Absent for output of the runner. */
    position: count.nullish(),
    ...ofCase,
  }),
  z.object({
    type: z.literal('artifact'),
    kind: artifactKind,
    path: artifactPath,
    name: z.string(),
    bytes: count,
    contentType: z.string(),
    position: count.nullish(),
    ...ofCase,
    /** The baseline with which a case was compared, and the file's part in that. */
    snapshot: snapshotOfArtifact.nullish(),
  }),
]);
export type RunEventBody = z.infer<typeof runEventBody>;

/** What entries of a log are about. */
export const runEventTypes = [
  'status',
  'part',
  'case',
  'test',
  'step',
  'log',
  'artifact',
] as const satisfies readonly RunEventBody['type'][];

/** `run:${runId}:events`. */
export const runEvent = z.intersection(z.object(logHead), runEventBody);
export type RunEvent = z.infer<typeof runEvent>;

/** What a run was run of. Earlier versions send none of it. */
export const commit = z.object({
  branch: z.string().nullable().default(null),
  commitSha: z.string().nullable().default(null),
  /** First line. */
  commitMessage: z.string().nullable().default(null),
  author: z.string().nullable().default(null),
  /** Its address, or its number as `#12`. */
  pullRequest: z.string().nullable().default(null),
  /** Of the build in the CI. */
  buildUrl: z.string().nullable().default(null),
});

/** `activity:${projectId}`, and an item in lists of runs. */
export const runSummary = z.object({
  id: z.string(),
  kind: runKind,
  name: z.string(),
  testId: z.string().nullable(),
  jobId: z.string().nullable(),
  status: runStatus,
  version: count,
  /** Rises with every change of any run in the project. */
  activitySeq: count,
  trigger: runTrigger,
  triggeredBy: z.string().nullable(),
  retryOf: z.string().nullable(),
  /** Only some of the cases of its test or job ran: the run is no verdict of the whole. Earlier versions do not send it. */
  partial: z.boolean().default(false),
  /** The case that the run repeats, and how often; null for most runs. Earlier versions send neither of these. */
  repeatedCaseId: z.string().nullable().default(null),
  repeats: count.nullable().default(null),
  queuedAt: isoTime,
  startedAt: isoTime.nullable(),
  completedAt: isoTime.nullable(),
  /** Milliseconds from start to end. */
  duration: z.number().nullable(),
  /** Who asked to cancel it, as people read it. Earlier versions do not send it. */
  cancelRequestedBy: z.string().nullable().default(null),
  errorCode: z.string().nullable(),
  /** First line of the error. */
  errorDetails: z.string().nullable(),
  reportPath: artifactPath.nullable(),
  ...caseCounts.shape,
  /** Earlier versions send neither of these. */
  notRun: count.default(0),
  quarantined: count.default(0),
  suiteId: z.string().nullable().default(null),
  origin: runOrigin.default('worker'),
  ...commit.shape,
});
export type RunSummary = z.infer<typeof runSummary>;

/** The result of one run for a test or a job: a point of its history. */
export const verdict = z.object({
  runId: z.string(),
  /** Status of the run; for a test that ran as part of a job, status of the test. */
  status: runStatus,
  /** Version of the run: rises with every change. */
  version: count,
  queuedAt: isoTime,
  startedAt: isoTime.nullable(),
  /** Milliseconds. */
  duration: z.number().nullable(),
});
export type Verdict = z.infer<typeof verdict>;

/** A verdict for which `isFailure` holds, with the first line of the error. */
export const failure = verdict.extend({ error: z.string().nullable() });
export type Failure = z.infer<typeof failure>;
