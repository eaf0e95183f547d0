import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { activityChannel, jobChannels, runCasesChannel, runEventsChannel, testChannels } from '#shared/channels.ts';
import type { CaseChanges, CaseState, PartState } from '#shared/run-cases.ts';
import type { RunEvent, RunEventBody } from '#shared/events.ts';
import { isTerminal, liveTestStatuses, type RunStatus } from '#shared/run-status.ts';
import type { BusMessage } from '#server/bus/bus.ts';
import { ago } from '#server/db/ago.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { storableJson, storableText } from '#server/lib/storable-text.ts';
import { busMessage, type Publisher } from '#server/live/publisher.ts';
import { adjustedBy, countCases } from './case-counts.ts';
import { type ListedPart, writeListedCases } from './list-cases.ts';
import { countRunDay } from './run-days.ts';
import { runColumns, type RunRow, toJobStatus, toRunSummary, toTestStatus } from './run-state.ts';
import {
  findParts,
  passQuarantinedScripts,
  type RunVersion,
  settleCases,
  writeCaseOfScript,
  writeCases,
  writeParts,
} from './write-cases.ts';

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
  /** The cases of a part, as Playwright has listed them. They replace those that the part had. */
  listed?: ListedPart;
  /**
   * Log entries. A `test` entry also sets the result of that script and a `case` entry that of that case; an `artifact`
   * entry also adds an artifact. Entries of cases that the run does not have are left out.
   */
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
  /** Of the changed cases. */
  states: readonly CaseState[];
  /** If one of them has changed. */
  parts: PartState[] | undefined;
}

/** Publishes a change once its transaction is committed. */
export function publishRun(writer: RunWriter, committed: CommittedRun): void {
  const { run, log, visible } = committed;
  writer.publisher.publish([
    ...log.map((event) => busMessage(runEventsChannel(run.id), event)),
    ...(visible ? [busMessage(runCasesChannel(run.id), toCaseChanges(committed)), ...stateMessages(run)] : []),
  ]);
  if (log.some(({ type }) => type === 'status')) writer.queueStats.changed();
}

async function commitRunIn(trx: Trx, runId: string, change: RunChange): Promise<CommittedRun> {
  const { from, events = [] } = change;
  const ends = change.to !== undefined && isTerminal(change.to);
  const changesCases =
    ends || change.listed !== undefined || events.some(({ type }) => type === 'test' || type === 'case');
  // Lists do not show the log, so log entries alone change neither the version nor the activity feed.
  const visible = change.to !== undefined || changesCases || change.cancelRequested === true;
  const numbers = visible ? await nextNumbers(trx, runId) : undefined;

  const { bodies, states, difference } = numbers
    ? await writeResults(trx, { runId, ...numbers }, change)
    : { bodies: events.map(storableJson), states: [], difference: undefined };
  // A run may have a great many cases, and most changes are the states of a few.
  const counts = changesCases && !difference ? await countCases(trx, runId) : undefined;
  const isPassed = change.to === 'failed' && !change.errorCode && counts?.failed === 0 && counts.quarantined > 0;
  const to = isPassed ? 'passed' : change.to;
  const errorDetails = isPassed ? null : change.errorDetails && storableText(change.errorDetails, maxErrorDetails);
  if (to) {
    await writeParts(trx, runId, to, change.claimedBy);
    bodies.push({ type: 'status', status: to, errorDetails: errorDetails ?? null });
  }

  const run = await trx
    .updateTable('runs')
    .set((eb) => ({
      seq: eb('seq', '+', bodies.length),
      ...(numbers && { activitySeq: numbers.activitySeq, version: numbers.version }),
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
      ...(counts ?? (difference && adjustedBy(difference))),
    }))
    .where('id', '=', runId)
    .where('status', 'in', from)
    .$if(change.workerId !== undefined, (query) => query.where('workerId', '=', change.workerId!))
    .$if(change.silentForMs !== undefined, (query) => query.where('heartbeatAt', '<', ago(change.silentForMs!)))
    .$if(change.cancelRequested === true, (query) => query.where('cancelRequestedAt', 'is', null))
    .returning([...runColumns, sql<string>`now()`.as('at')])
    .executeTakeFirst();
  if (!run) throw new Refused();

  if (ends) await countRunDay(trx, run);
  const log = await writeLog(trx, run, bodies);
  const parts = to || change.listed ? await findParts(trx, runId) : undefined;
  await change.alongside?.(trx);
  return { run, log, visible, states, parts };
}

/**
 * Writes what the change says of parts, scripts and cases. Resolves to the log entries, to the changed states of cases, and
 * where only cases have changed, to the difference that it makes for the counts.
 */
async function writeResults(trx: Trx, run: RunVersion, { listed, events = [], to }: RunChange) {
  const states: CaseState[] = [];
  const bodies: RunEventBody[] = [];
  if (listed) {
    states.push(...(await writeListedCases(trx, run, listed)));
    bodies.push({ type: 'part', part: listed.part, status: 'running', total: listed.cases.length, executor: null });
  }
  const stored = events.map(storableJson);
  const cases = await writeCases(
    trx,
    run,
    stored.filter((event) => event.type === 'case'),
  );
  states.push(...cases.states);
  for (const event of stored) {
    const body = event.type === 'case' ? cases.known.get(event) : event;
    if (body) bodies.push(body);
    if (event.type !== 'test') continue;
    await writeTest(trx, run.runId, event);
    states.push(...(await writeCaseOfScript(trx, run, event)));
  }
  if (to && isTerminal(to)) {
    states.push(...(await settleCases(trx, run)));
    bodies.push(...(await passQuarantinedScripts(trx, run.runId)), ...(await settleTests(trx, run.runId)));
  }
  const isOnlyCases = !listed && !(to && isTerminal(to)) && events.every(({ type }) => type !== 'test');
  return { bodies, states, difference: isOnlyCases ? cases.difference : undefined };
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
  // One parameter, whatever the number of entries.
  await sql`
    insert into run_events (run_id, seq, at, type, case_index, attempt, payload)
    select ${run.id}, ${log[0]!.seq}::bigint + n - 1, ${run.at}, payload->>'type',
      (payload->>case payload->>'type' when 'case' then 'index' else 'caseIndex' end)::integer,
      (payload->>'attempt')::integer, payload
    from jsonb_array_elements(${JSON.stringify(bodies)}::jsonb) with ordinality as entry(payload, n)`.execute(trx);
  const artifacts = bodies.filter((body) => body.type === 'artifact');
  if (artifacts.length > 0)
    await trx
      .insertInto('artifacts')
      .values(
        artifacts.map(({ kind, name, path, bytes, contentType, position, caseIndex, attempt, snapshot }) => ({
          id: uuidv7(),
          runId: run.id,
          runTestPosition: position ?? null,
          caseIndex: caseIndex ?? null,
          attempt: attempt ?? null,
          kind,
          name,
          path,
          bytes,
          contentType,
          ...(snapshot && { snapshot: JSON.stringify(snapshot) }),
        })),
      )
      .onConflict((conflict) => conflict.columns(['runId', 'path']).doNothing())
      .execute();
  return log;
}

function toCaseChanges({ run, states, parts }: CommittedRun): CaseChanges {
  const { version, status, total, passed, failed, skipped, flaky, notRun, quarantined } = run;
  const counts = { total, passed, failed, skipped, flaky, notRun, quarantined };
  // A case may have changed more than once.
  const newest = new Map(states.map((state) => [state[0], state]));
  return { version, status, counts, parts, cases: [...newest.values()] };
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

/**
 * The numbers that a visible change gives the run. Locks the project's row until the transaction ends, so that sequence
 * numbers become visible in order.
 */
async function nextNumbers(trx: Trx, runId: string) {
  const project = await trx
    .updateTable('projects')
    .set((eb) => ({ activitySeq: eb('activitySeq', '+', 1) }))
    .where('id', '=', (eb) => eb.selectFrom('runs').select('projectId').where('id', '=', runId))
    .returning(['id as projectId', 'activitySeq'])
    .executeTakeFirst();
  const run = await trx.selectFrom('runs').select('version').where('id', '=', runId).executeTakeFirst();
  if (!project || !run) throw new Refused();
  return { ...project, version: run.version + 1 };
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
