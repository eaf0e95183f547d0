import { type RawBuilder, sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { activityChannel, jobChannels, runEventsChannel, testChannels } from '#shared/channels.ts';
import type { RunEvent, RunEventBody } from '#shared/events.ts';
import { failedTestStatuses, isTerminal, liveTestStatuses, type RunStatus } from '#shared/run-status.ts';
import type { BusMessage } from '#server/bus/bus.ts';
import { ago } from '#server/db/ago.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { storableJson, storableText } from '#server/lib/storable-text.ts';
import { busMessage, type Publisher } from '#server/live/publisher.ts';
import { runColumns, type RunRow, toJobStatus, toRunSummary, toTestStatus } from './run-state.ts';

export interface RunWriter {
  db: Database;
  publisher: Publisher;
  /** Publishes the queue's statistics soon. */
  queueStats: { changed(): void };
}

export interface RunChange {
  /** The change is refused unless the run has one of these statuses. */
  from: readonly RunStatus[];
  /** The change is refused unless this worker executes the run. */
  workerId?: string;
  /** The change is refused if the run's worker has sent a heartbeat within this time. */
  silentForMs?: number;
  to?: RunStatus;
  /** The worker that executes the run from now on; used with `to: 'running'`. */
  claimedBy?: string;
  errorCode?: string | null;
  errorDetails?: string | null;
  reportPath?: string | null;
  artifactPaths?: string[];
  /** The change is refused if cancelling was requested before. */
  cancelRequested?: boolean;
  /** Log entries. A `test` entry also sets the result of that test; an `artifact` entry also adds an artifact. */
  events?: readonly RunEventBody[];
  /** Writes more in the same transaction. Not called when the change is refused. */
  alongside?(trx: Trx): Promise<void>;
}

class Refused extends Error {}

/** UTF-16 units. */
const maxErrorDetails = 64 * 1024;

/**
 * The only way to change a run. Writes the row, its tests and its log in one transaction, then publishes the change.
 * Resolves to undefined, with nothing written, when the change is refused; a terminal run refuses every change. Ending
 * a run also ends its tests.
 */
export async function commitRun(writer: RunWriter, runId: string, change: RunChange): Promise<RunRow | undefined> {
  try {
    const committed = await writer.db.transaction().execute((trx) => commitRunIn(trx, runId, change));
    publishRun(writer, committed);
    return committed.run;
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

interface CommittedRun {
  run: RunRow;
  /** The new log entries. */
  log: readonly RunEvent[];
  /** The state of the run has changed too, not only its log. */
  visible: boolean;
}

/** Publishes a change once its transaction is committed. */
export function publishRun(writer: RunWriter, { run, log, visible }: CommittedRun): void {
  writer.publisher.publish([
    ...log.map((event) => busMessage(runEventsChannel(run.id), event)),
    ...(visible ? stateMessages(run) : []),
  ]);
  if (log.some(({ type }) => type === 'status')) writer.queueStats.changed();
}

async function commitRunIn(trx: Trx, runId: string, change: RunChange): Promise<CommittedRun> {
  const { to, from, events = [] } = change;
  const tests = events.filter((event) => event.type === 'test');
  const ends = to !== undefined && isTerminal(to);
  // Lists do not show the log, so log entries alone change neither the version nor the activity feed.
  const visible = to !== undefined || tests.length > 0 || change.cancelRequested === true;
  const activitySeq = visible ? await nextActivitySeq(trx, runId) : undefined;

  const bodies = events.map(storableJson);
  const errorDetails = change.errorDetails && storableText(change.errorDetails, maxErrorDetails);
  for (const test of bodies) if (test.type === 'test') await writeTest(trx, runId, test);
  if (ends) bodies.push(...(await settleTests(trx, runId)));
  if (to) bodies.push({ type: 'status', status: to, errorDetails: errorDetails ?? null });

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
      ...(errorDetails !== undefined && { errorDetails }),
      ...(change.reportPath !== undefined && { reportPath: change.reportPath }),
      ...(change.artifactPaths && { artifactPaths: JSON.stringify(change.artifactPaths) }),
      ...(change.cancelRequested && { cancelRequestedAt: sql<string>`now()` }),
      ...((tests.length > 0 || ends) && {
        passed: countTests(runId, sql`status = 'passed'`),
        failed: countTests(runId, sql`status in (${sql.join(failedTestStatuses)})`),
        skipped: countTests(runId, sql`status = 'skipped'`),
        // Playwright measures every test that it skips; a test that never started has no duration.
        notRun: countTests(runId, sql`status = 'skipped' and duration_ms is null`),
        flaky: countTests(runId, sql`flaky`),
      }),
    }))
    .where('id', '=', runId)
    .where('status', 'in', from)
    .$if(change.workerId !== undefined, (query) => query.where('workerId', '=', change.workerId!))
    .$if(change.silentForMs !== undefined, (query) => query.where('heartbeatAt', '<', ago(change.silentForMs!)))
    .$if(change.cancelRequested === true, (query) => query.where('cancelRequestedAt', 'is', null))
    .returning([...runColumns, sql<string>`now()`.as('at')])
    .executeTakeFirst();
  if (!run) throw new Refused();

  const log = await writeLog(trx, run, bodies);
  await change.alongside?.(trx);
  return { run, log, visible };
}

/** Appends entries to a run's log. `run.seq` is the sequence number of the last of them. */
export async function writeLog(
  trx: Trx,
  run: RunRow & { at: string },
  bodies: readonly RunEventBody[],
): Promise<RunEvent[]> {
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

/** The new state of a run, for the channels of the run, of its test and of its project. */
function stateMessages(run: RunRow): BusMessage[] {
  const channel = isTerminal(run.status) ? 'complete' : 'status';
  return [
    busMessage(jobChannels(run.id)[channel], toJobStatus(run)),
    ...(run.testId ? [busMessage(testChannels(run.testId)[channel], toTestStatus(run))] : []),
    busMessage(activityChannel(run.projectId), toRunSummary(run)),
  ];
}

/** Locks the project's row until the transaction ends, so that sequence numbers become visible in order. */
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

/** Tests that were running become `interrupted`, tests that were pending `skipped`. */
async function settleTests(trx: Trx, runId: string): Promise<RunEventBody[]> {
  const settled = await trx
    .updateTable('runTests')
    .set({ status: sql`case status when 'running' then 'interrupted' else 'skipped' end` })
    .where('runId', '=', runId)
    .where('status', 'in', liveTestStatuses)
    .returning(['position', 'name', 'status', 'flaky', 'durationMs', 'error'])
    .execute();
  return settled
    .toSorted((a, b) => a.position - b.position)
    .map(({ durationMs, ...test }) => ({ type: 'test', ...test, duration: durationMs }));
}

function countTests(runId: string, condition: RawBuilder<unknown>) {
  return sql<number>`(select count(*) from run_tests where run_id = ${runId} and ${condition})`;
}
