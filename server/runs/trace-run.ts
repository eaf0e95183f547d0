import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { isTerminal, type RunStatus, type TestStatus } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { errorMessage } from '#server/lib/errors.ts';
import { flushTraces, traceIdKey, tracer } from '#server/lib/traced.ts';
import type { CommittedRun } from './publish-run.ts';
import { firstLine, type RunRow } from './run-state.ts';

/** Cases that are read and sent at a time. */
const pageSize = 500;

/**
 * Sends a run that this change has ended as a trace of its own: the run, its parts with their phases, its cases that began. The trace's id is
 * that of the run, without hyphens. Returns at once, and does nothing without telemetry, or if the run is not sampled.
 */
export function traceRun({ db }: { db: Database }, { run, log }: Pick<CommittedRun, 'run' | 'log'>): void {
  if (!isTerminal(run.status) || !log.some(({ type }) => type === 'status')) return;
  const cause = trace.getActiveSpan()?.spanContext();
  const root = context.with(ROOT_CONTEXT.setValue(traceIdKey, run.id.replaceAll('-', '')), () =>
    tracer().startSpan(`run ${run.name}`, {
      startTime: new Date(run.queuedAt),
      ...(cause && trace.isSpanContextValid(cause) && { links: [{ context: cause }] }),
    }),
  );
  if (!root.isRecording()) return;
  void sendRun(db, run, root);
}

async function sendRun(db: Database, run: RunRow, root: Span): Promise<void> {
  const endedAt = new Date(run.completedAt!);
  root.setAttributes(describeRun(run));
  fail(root, run);
  const inRun = trace.setSpan(ROOT_CONTEXT, root);
  addSpan(inRun, 'queued', [run.queuedAt, run.startedAt ?? run.completedAt]);
  try {
    const parts = await sendParts(db, run, inRun);
    await sendCases(db, run.id, parts);
  } catch (error) {
    // The collector or the database is away. What is missing is said, if only the latter is.
    root.setAttribute('runlight.incomplete', errorMessage(error));
  } finally {
    root.end(endedAt);
  }
}

function describeRun(run: RunRow): Attributes {
  const { total, passed, failed, skipped, notRun, flaky } = run;
  return {
    'runlight.run.id': run.id,
    'runlight.project.id': run.projectId,
    'runlight.run.kind': run.kind,
    'runlight.run.origin': run.origin,
    'runlight.run.trigger': run.trigger,
    'runlight.run.status': run.status,
    'test.suite.name': run.name,
    'test.suite.run.status': suiteStatuses[run.status],
    'runlight.cases.total': total,
    'runlight.cases.passed': passed,
    'runlight.cases.failed': failed,
    'runlight.cases.skipped': skipped,
    'runlight.cases.not_run': notRun,
    'runlight.cases.flaky': flaky,
    ...(run.durationMs !== null && { 'runlight.duration_ms': run.durationMs }),
    ...(run.branch !== null && { 'vcs.ref.head.name': run.branch }),
    ...(run.commitSha !== null && { 'vcs.ref.head.revision': run.commitSha }),
  };
}

/** As OpenTelemetry's conventions name them. */
const suiteStatuses: Record<RunStatus, string> = {
  queued: 'in_progress',
  running: 'in_progress',
  passed: 'success',
  failed: 'failure',
  timed_out: 'timed_out',
  error: 'failure',
  cancelled: 'aborted',
};

/** The contexts of the parts that began, by their numbers. */
async function sendParts(db: Database, run: RunRow, inRun: Context): Promise<Map<number, Context>> {
  const parts = await db
    .selectFrom('runParts')
    .select([
      'part',
      'status',
      'executor',
      'attempt',
      'phases',
      'errorCode',
      'errorDetails',
      'startedAt',
      'completedAt',
    ])
    .where('runId', '=', run.id)
    .orderBy('part')
    .execute();
  const contexts = new Map<number, Context>();
  for (const { part, phases, startedAt, ...of } of parts) {
    if (startedAt === null) continue;
    const endedAt = of.completedAt ?? run.completedAt;
    const attributes: Attributes = {
      'runlight.part': part + 1,
      'runlight.part.status': of.status,
      'runlight.part.attempts': of.attempt,
      ...(of.executor !== null && { 'host.name': of.executor }),
    };
    const span = addSpan(inRun, `part ${part + 1}`, [startedAt, endedAt], attributes, of);
    const inPart = trace.setSpan(inRun, span);
    for (const [index, { phase, at }] of phases.entries())
      addSpan(inPart, phase, [at, phases[index + 1]?.at ?? endedAt]);
    contexts.set(part, inPart);
  }
  return contexts;
}

async function sendCases(db: Database, runId: string, parts: Map<number, Context>): Promise<void> {
  for (let after = -1; ;) {
    const cases = await db
      .selectFrom('runCases')
      .innerJoin('cases', 'cases.id', 'runCases.caseId')
      .select(['index', 'part', 'project', 'file', 'title', 'line', 'status', 'attempt', 'flaky', 'quarantined'])
      .select(['durationMs', 'error', 'startedAt', 'completedAt'])
      .where('runId', '=', runId)
      .where('index', '>', after)
      .orderBy('index')
      .limit(pageSize)
      .execute();
    for (const { part, title, startedAt, completedAt, error, ...of } of cases) {
      const inPart = parts.get(part);
      if (startedAt === null || !inPart) continue;
      const failure = { status: of.status, errorCode: null, errorDetails: error?.message ?? null };
      addSpan(inPart, title, [startedAt, completedAt ?? startedAt], describeCase(title, of), failure);
    }
    // So that the queue of spans holds one page, and a collector that is away ends it.
    await flushTraces();
    if (cases.length < pageSize) return;
    after = cases.at(-1)!.index;
  }
}

interface CaseOfRun {
  index: number;
  project: string;
  file: string;
  line: number | null;
  status: TestStatus;
  attempt: number;
  flaky: boolean;
  quarantined: boolean;
  durationMs: number | null;
}

function describeCase(title: string, of: CaseOfRun): Attributes {
  return {
    'test.case.name': title,
    ...(of.status === 'passed' && { 'test.case.result.status': 'pass' }),
    ...(isFailed(of.status) && { 'test.case.result.status': 'fail' }),
    'runlight.case.index': of.index,
    'runlight.case.status': of.status,
    'runlight.case.attempts': of.attempt + 1,
    'runlight.case.retries': of.attempt,
    'runlight.case.flaky': of.flaky,
    'runlight.case.quarantined': of.quarantined,
    ...(of.durationMs !== null && { 'runlight.duration_ms': of.durationMs }),
    ...(of.project !== '' && { 'runlight.case.project': of.project }),
    ...(of.file !== '' && { 'code.file.path': of.file }),
    ...(of.line !== null && { 'code.line.number': of.line }),
  };
}

interface Outcome {
  status: RunStatus | TestStatus;
  errorCode: string | null;
  errorDetails: string | null;
}

function addSpan(
  parent: Context,
  name: string,
  [startedAt, endedAt]: readonly [string, string | null],
  attributes: Attributes = {},
  outcome?: Outcome,
): Span {
  const span = tracer().startSpan(name, { startTime: new Date(startedAt), attributes }, parent);
  if (outcome) fail(span, outcome);
  span.end(new Date(endedAt ?? startedAt));
  return span;
}

function fail(span: Span, { status, errorCode, errorDetails }: Outcome): void {
  if (!isFailed(status)) return;
  span.setStatus({ code: SpanStatusCode.ERROR, message: firstLine(errorDetails) ?? status });
  if (errorCode !== null) span.setAttribute('error.type', errorCode);
}

const isFailed = (status: string) => ['failed', 'timed_out', 'error'].includes(status);
