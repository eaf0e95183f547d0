import { type Insertable, sql } from 'kysely';
import type { CaseState } from '#shared/run-cases.ts';
import type { RunEventBody } from '#shared/events.ts';
import { isTerminal, liveTestStatuses, type RunStatus } from '#shared/run-status.ts';
import { ago } from '#server/db/ago.ts';
import type { Database, Trx } from '#server/db/database.ts';
import type { RunsTable } from '#server/db/run-tables.ts';
import { storableJson, storableText } from '#server/lib/storable-text.ts';
import { traced } from '#server/lib/traced.ts';
import { noteFailing, noteSettled, noteStarted, type Notifier } from '#server/notifications/outbox/note-event.ts';
import type { Publisher } from '#server/live/publisher.ts';
import { findArtifactPaths } from './artifact-paths.ts';
import { adjustedBy, countCases } from './case-counts.ts';
import { type ListedPart, writeListedCases } from './list-cases.ts';
import { type CommittedRun, publishRun } from './publish-run.ts';
import { countRunDay } from './run-days.ts';
import { runColumns, type RunRow } from './run-state.ts';
import { traceRun } from './trace-run.ts';
import { passQuarantinedScripts, type RunVersion, settleCases, writeCaseOfScript, writeCases } from './write-cases.ts';
import { writeLog } from './write-log.ts';
import {
  beginPhases,
  changePart,
  type ChangedPart,
  findParts,
  inRun,
  isVisible,
  maxErrorDetails,
  type PartChange,
  writeParts,
} from './write-parts.ts';

export interface RunWriter {
  db: Database;
  publisher: Publisher;
  /** Publishes the queue's statistics soon. */
  queueStats: { changed(): void };
  notifier: Notifier;
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
  s3Url?: string | null;
  /** What the run is of from now on, which its first part has fetched. */
  fetched?: Pick<Insertable<RunsTable>, 'bundleId' | 'branch' | 'commitSha' | 'commitMessage' | 'author'>;
  /** Asks for the run to be cancelled. The change is refused if that was asked for before. */
  cancelRequested?: { by: string };
  /** Of a reported run. `events` then count cases from the first one of the part. */
  part?: PartChange;
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

/**
 * The only way to change a run. Writes the row, its tests and its log in one transaction, then publishes the change.
 * Resolves to undefined, with nothing written, when the change is refused; a terminal run refuses every change. Ending
 * a run also ends its tests.
 */
export function commitRun(writer: RunWriter, runId: string, change: RunChange): Promise<RunRow | undefined> {
  return commitRuns(writer, ({ commit }) => commit(runId, change));
}

export interface RunTransaction {
  trx: Trx;
  commit(runId: string, change: RunChange): Promise<RunRow>;
  /** A run that was inserted in this transaction. */
  inserted(run: CommittedRun): void;
}

/**
 * As `commitRun`, for several changes in one transaction. Resolves to what `work` does, or to undefined, with nothing
 * written, when a change is refused.
 */
export function commitRuns<T>(
  writer: RunWriter,
  work: (transaction: RunTransaction) => Promise<T>,
): Promise<T | undefined> {
  return traced('commit', async (span) => {
    const committed: CommittedRun[] = [];
    const result = await commitAndPublish(writer, work, committed);
    span.setAttributes({ 'runlight.run.id': committed.map(({ run }) => run.id) });
    return result;
  });
}

async function commitAndPublish<T>(
  writer: RunWriter,
  work: (transaction: RunTransaction) => Promise<T>,
  committed: CommittedRun[],
): Promise<T | undefined> {
  try {
    const result = await writer.db.transaction().execute((trx) =>
      work({
        trx,
        async commit(runId, change) {
          const changed = await commitRunIn(trx, runId, change);
          committed.push(changed);
          return changed.run;
        },
        inserted: (run) => void committed.push(run),
      }),
    );
    for (const change of committed) {
      publishRun(writer, change);
      traceRun(writer, change);
    }
    return result;
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

async function commitRunIn(trx: Trx, runId: string, change: RunChange): Promise<CommittedRun> {
  const { from, events = [] } = change;
  const ends = change.to !== undefined && isTerminal(change.to);
  const changesCases =
    ends ||
    change.listed !== undefined ||
    change.part?.end !== undefined ||
    events.some(({ type }) => type === 'test' || type === 'case');
  const changesParts =
    change.to !== undefined ||
    change.listed !== undefined ||
    (change.part !== undefined && isVisible(change.part)) ||
    events.some((event) => event.type === 'part');
  // Lists do not show the log, so log entries alone change neither the version nor the activity feed.
  const visible = changesParts || changesCases || change.cancelRequested !== undefined || change.fetched !== undefined;
  const numbers = visible ? await nextNumbers(trx, runId) : undefined;
  const part = change.part && (await changePart(trx, runId, change.part));
  if (change.part && !part) throw new Refused();

  const { bodies, states, difference } = numbers
    ? await writeResults(trx, { runId, ...numbers }, change, part)
    : { bodies: inRun(events.map(storableJson), part?.firstIndex), states: [], difference: undefined };
  // A run may have a great many cases, and most changes are the states of a few.
  const counts = changesCases && !difference ? await countCases(trx, runId) : undefined;
  const isPassed =
    change.to === 'failed' && !change.errorCode && !change.part && counts?.failed === 0 && counts.quarantined > 0;
  const to = isPassed ? 'passed' : change.to;
  const errorDetails = isPassed ? null : change.errorDetails && storableText(change.errorDetails, maxErrorDetails);
  if (to) {
    // A reported part begins when its reporter does.
    if (ends || !change.part) await writeParts(trx, runId, to, change.claimedBy);
    bodies.push({ type: 'status', status: to, errorDetails: errorDetails ?? null });
  }
  const artifactPaths = ends ? await findArtifactPaths(trx, runId, bodies) : undefined;

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
      ...(change.s3Url !== undefined && { s3Url: change.s3Url }),
      ...(artifactPaths && { artifactPaths: JSON.stringify(artifactPaths) }),
      ...change.fetched,
      ...(change.cancelRequested && {
        cancelRequestedAt: sql<string>`now()`,
        cancelRequestedBy: change.cancelRequested.by,
      }),
      ...(counts ?? (difference && adjustedBy(difference))),
    }))
    .where('id', '=', runId)
    .where('status', 'in', from)
    .$if(change.workerId !== undefined, (query) => query.where('workerId', '=', change.workerId!))
    .$if(change.silentForMs !== undefined, (query) => query.where('heartbeatAt', '<', ago(change.silentForMs!)))
    .$if(change.cancelRequested !== undefined, (query) => query.where('cancelRequestedAt', 'is', null))
    .returning([...runColumns, sql<string>`now()`.as('at')])
    .executeTakeFirst();
  if (!run) throw new Refused();

  if (ends) await countRunDay(trx, run);
  const log = await writeLog(trx, run, bodies);
  const parts = changesParts ? await findParts(trx, runId) : undefined;
  await change.alongside?.(trx);
  return { run, log, visible, states, parts, noted: await note(trx, run, change, changesCases) };
}

/** Notes what rules for notifications may have to say of the change. What repeats a case is an experiment, of which none says anything. */
async function note(trx: Trx, run: RunRow, { to, fetched }: RunChange, changesCases: boolean): Promise<boolean> {
  if (run.repeatedCaseId !== null) return false;
  if (isTerminal(run.status)) return noteSettled(trx, run);
  // Of a run from git, the commit is known once the suite is fetched.
  if (run.commitSha !== null && (to === 'running' || fetched)) return noteStarted(trx, run);
  return changesCases && run.failed > 0 && run.pullRequest !== null && noteFailing(trx, run);
}

/**
 * Writes what the change says of parts, scripts and cases. Resolves to the log entries, to the changed states of cases, and
 * where only cases have changed, to the difference that it makes for the counts.
 */
async function writeResults(trx: Trx, run: RunVersion, change: RunChange, part: ChangedPart | undefined) {
  const { listed, events = [], to } = change;
  const states: CaseState[] = [];
  const bodies: RunEventBody[] = [];
  let firstIndex = part?.firstIndex;
  if ((change.part?.begin ?? change.part?.requeue) && part) bodies.push(part.event);
  if (listed) {
    const written = await writeListedCases(trx, run, listed);
    states.push(...written.states);
    if (part) firstIndex = written.firstIndex;
    const executor = part?.event.executor ?? null;
    bodies.push({ type: 'part', part: listed.part, status: 'running', total: listed.cases.length, executor });
  }
  const stored = await beginPhases(trx, run.runId, inRun(events.map(storableJson), firstIndex));
  const cases = await writeCases(
    trx,
    run,
    stored.filter((event) => event.type === 'case'),
    { ofSuite: part !== undefined },
  );
  states.push(...cases.states);
  for (const event of stored) {
    const body = event.type === 'case' ? cases.known.get(event) : event;
    if (body) bodies.push(body);
    if (event.type !== 'test') continue;
    await writeTest(trx, run.runId, event);
    states.push(...(await writeCaseOfScript(trx, run, event)));
  }
  if (change.part?.end && part) {
    states.push(...(await settleCases(trx, run, change.part.part)));
    bodies.push(part.event);
  }
  if (to && isTerminal(to)) {
    states.push(...(await settleCases(trx, run)));
    bodies.push(...(await passQuarantinedScripts(trx, run.runId)), ...(await settleTests(trx, run.runId)));
  }
  const isOnlyCases =
    !listed && !change.part?.end && !(to && isTerminal(to)) && events.every(({ type }) => type !== 'test');
  return { bodies, states, difference: isOnlyCases ? cases.difference : undefined };
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
