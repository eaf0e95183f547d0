import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { activityChannel, jobChannels, runEventsChannel, testChannels } from '#shared/channels.ts';
import type { RunEvent, RunEventBody } from '#shared/events.ts';
import { isTerminal, type RunStatus } from '#shared/run-status.ts';
import type { BusMessage } from '#server/bus/bus.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { busMessage, type Publisher } from '#server/live/publisher.ts';
import { runColumns, type RunRow, toJobStatus, toRunSummary, toTestStatus } from './run-state.ts';

/** What changing a run needs. */
export interface RunWriter {
  db: Database;
  publisher: Publisher;
  queueStats: { changed(): void };
}

export interface RunChange {
  /** The change is refused when the run has any other status. */
  from: readonly RunStatus[];
  /** Refused, too, when the run is not this worker's. */
  workerId?: string;
  /** Refused, too, when its worker has given a sign of life within this time. */
  silentForMs?: number;
  to?: RunStatus;
  /** Taken over by this worker: with `to: 'running'`. */
  claimedBy?: string;
  errorCode?: string | null;
  errorDetails?: string | null;
  reportPath?: string | null;
  artifactPaths?: string[];
  /** Refused when it has been requested before. */
  cancelRequested?: boolean;
  /** Entries for the log. Those of type `test` also set the result of that test, `artifact` adds to the artifacts. */
  events?: readonly RunEventBody[];
  /** What else is written with the change, unless that is refused. */
  alongside?(trx: Trx): Promise<void>;
}

class Refused extends Error {}

const maxErrorDetails = 64 * 1024;

/**
 * The only way to change a run: one transaction that writes the row, its tests and its log, and then tells the
 * watchers. Resolves to undefined, with nothing done, when the change is refused; a terminal run refuses everything.
 * Ending a run settles the tests that have not ended.
 */
export async function commitRun(writer: RunWriter, runId: string, change: RunChange): Promise<RunRow | undefined> {
  try {
    const { run, messages } = await writer.db.transaction().execute((trx) => commitRunIn(trx, runId, change));
    writer.publisher.publish(messages);
    if (change.to) writer.queueStats.changed();
    return run;
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

async function commitRunIn(
  trx: Trx,
  runId: string,
  change: RunChange,
): Promise<{ run: RunRow; messages: BusMessage[] }> {
  const { to, from, events = [] } = change;
  const tests = events.filter((event) => event.type === 'test');
  const ends = to !== undefined && isTerminal(to);
  // Log entries alone are no news for lists: they need neither a version nor a place in the project's feed.
  const visible = to !== undefined || tests.length > 0 || change.cancelRequested === true;
  const activitySeq = visible ? await nextActivitySeq(trx, runId) : undefined;

  const bodies = events.map(storable);
  for (const test of bodies) if (test.type === 'test') await writeTest(trx, runId, test);
  if (ends) bodies.push(...(await settleTests(trx, runId)));
  if (to) bodies.push({ type: 'status', status: to, errorDetails: cut(change.errorDetails) ?? null });

  const run = await trx
    .updateTable('runs')
    .set((eb) => ({
      seq: eb('seq', '+', bodies.length),
      ...(visible && { version: eb('version', '+', 1), activitySeq: activitySeq! }),
      ...(to && { status: to }),
      ...(to === 'running' && { startedAt: sql<string>`now()`, heartbeatAt: sql<string>`now()` }),
      ...(change.claimedBy && { workerId: change.claimedBy }),
      ...(ends && {
        completedAt: sql<string>`now()`,
        durationMs: sql<number>`round(extract(epoch from now() - started_at) * 1000)`,
      }),
      ...(change.errorCode !== undefined && { errorCode: change.errorCode }),
      ...(change.errorDetails !== undefined && { errorDetails: cut(change.errorDetails) ?? null }),
      ...(change.reportPath !== undefined && { reportPath: change.reportPath }),
      ...(change.artifactPaths && { artifactPaths: JSON.stringify(change.artifactPaths) }),
      ...(change.cancelRequested && { cancelRequestedAt: sql<string>`now()` }),
      ...((tests.length > 0 || ends) && {
        passed: countTests(runId, `status = 'passed'`),
        failed: countTests(runId, `status in ('failed', 'timed_out')`),
        skipped: countTests(runId, `status = 'skipped'`),
        // What Playwright has seen, it has measured.
        notRun: countTests(runId, `status = 'skipped' and duration_ms is null`),
        flaky: countTests(runId, `flaky`),
      }),
    }))
    .where('id', '=', runId)
    .where('status', 'in', from)
    .$if(change.workerId !== undefined, (query) => query.where('workerId', '=', change.workerId!))
    .$if(change.silentForMs !== undefined, (query) =>
      query.where('heartbeatAt', '<', sql<string>`now() - ${change.silentForMs} * interval '1 millisecond'`),
    )
    .$if(change.cancelRequested === true, (query) => query.where('cancelRequestedAt', 'is', null))
    .returning([...runColumns, sql<string>`now()`.as('at')])
    .executeTakeFirst();
  if (!run) throw new Refused();

  const log = await writeLog(trx, run, bodies);
  await change.alongside?.(trx);
  return {
    run,
    messages: [
      ...log.map((event) => busMessage(runEventsChannel(run.id), event)),
      ...(visible ? stateMessages(run) : []),
    ],
  };
}

/** Appends entries to a run's log at the places that `run.seq` has just been raised by. */
export async function writeLog(trx: Trx, run: RunRow & { at: string }, bodies: readonly RunEventBody[]) {
  const log: RunEvent[] = bodies.map((body, index) => ({
    seq: run.seq - bodies.length + 1 + index,
    at: run.at,
    ...body,
  }));
  if (log.length === 0) return log;
  await trx
    .insertInto('runEvents')
    .values(
      log.map(({ seq, at, ...payload }) => ({
        runId: run.id,
        seq,
        at,
        type: payload.type,
        payload: JSON.stringify(payload),
      })),
    )
    .execute();
  const artifacts = bodies.filter((body) => body.type === 'artifact');
  if (artifacts.length > 0)
    await trx
      .insertInto('artifacts')
      .values(
        artifacts.map(({ kind, name, path, bytes, contentType, position }) => ({
          id: uuidv7(),
          runId: run.id,
          runTestPosition: position ?? null,
          kind,
          name,
          path,
          bytes,
          contentType,
        })),
      )
      .onConflict((conflict) => conflict.columns(['runId', 'path']).doNothing())
      .execute();
  return log;
}

/** What watchers of a run, of its test and of its project are told. */
export function stateMessages(run: RunRow): BusMessage[] {
  const channel = isTerminal(run.status) ? 'complete' : 'status';
  return [
    busMessage(jobChannels(run.id)[channel], toJobStatus(run)),
    ...(run.testId ? [busMessage(testChannels(run.testId)[channel], toTestStatus(run))] : []),
    busMessage(activityChannel(run.projectId), toRunSummary(run)),
  ];
}

/** Holds the project's row until the transaction ends, so that places in the feed become visible in order. */
async function nextActivitySeq(trx: Trx, runId: string): Promise<number> {
  const project = await trx
    .updateTable('projects')
    .set((eb) => ({ activitySeq: eb('activitySeq', '+', 1) }))
    .where('id', '=', (eb) => eb.selectFrom('runs').select('projectId').where('id', '=', runId))
    .returning('activitySeq')
    .executeTakeFirst();
  if (!project) throw new Refused();
  return project.activitySeq;
}

async function writeTest(trx: Trx, runId: string, test: Extract<RunEventBody, { type: 'test' }>): Promise<void> {
  await trx
    .updateTable('runTests')
    .set({ status: test.status, flaky: test.flaky, durationMs: test.duration, error: JSON.stringify(test.error) })
    .where('runId', '=', runId)
    .where('position', '=', test.position)
    .execute();
}

/** What had begun was interrupted; what had not is skipped. */
async function settleTests(trx: Trx, runId: string): Promise<RunEventBody[]> {
  const settled = await trx
    .updateTable('runTests')
    .set({ status: sql`case status when 'running' then 'interrupted' else 'skipped' end` })
    .where('runId', '=', runId)
    .where('status', 'in', ['pending', 'running'])
    .returning(['position', 'name', 'status', 'flaky', 'durationMs', 'error'])
    .execute();
  return settled
    .toSorted((a, b) => a.position - b.position)
    .map(({ durationMs, ...test }) => ({ type: 'test', ...test, duration: durationMs }));
}

function countTests(runId: string, condition: string) {
  return sql<number>`(select count(*) from run_tests where run_id = ${runId} and ${sql.raw(condition)})`;
}

function cut(text: string | null | undefined) {
  if (!text) return text;
  const clean = storable(text);
  return clean.length > maxErrorDetails ? `${clean.slice(0, maxErrorDetails)}\n… (cut)` : clean;
}

/** Without what Postgres refuses in text and jsonb, and a hostile test may print: NUL and lone surrogates. */
function storable<T>(value: T): T {
  const json = JSON.stringify(value);
  if (!/\\u0000|\\ud[89a-f]/i.test(json)) return value;
  return JSON.parse(json, (_, part: unknown) =>
    typeof part === 'string' ? part.toWellFormed().replaceAll('\0', '') : part,
  );
}
