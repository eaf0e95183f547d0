import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { systemActor } from '#server/identity/actor.ts';
import { commitRun, type RunWriter } from '#server/runs/commit-run.ts';
import type { RunStarter } from '#server/runs/enqueue-run.ts';
import { startRun } from '#server/runs/start-run.ts';
import { largeSuite, playSuite, type TimedEvent } from './large-suite.ts';

const batchSize = 500;

interface LargeRun {
  runId: string;
  suite: ReturnType<typeof largeSuite>;
  events: TimedEvent[];
  failed: boolean;
  /** Ms from the beginning to the last event. */
  length: number;
}

/**
 * Begins a run of a large suite in four parts, as machines report it that no worker here executes. All that is written of it goes
 * through `commitRun`; only its parts, which runs of scripts do not have, are inserted.
 */
export async function beginLargeRun(
  writer: Omit<RunStarter, 'runQueue'>,
  {
    projectId,
    testId,
    name,
    total,
    seed,
  }: { projectId: string; testId: string; name: string; total: number; seed: number },
): Promise<LargeRun> {
  const { db } = writer;
  // The queue must not hand it to a worker.
  const runQueue = { add: async () => {}, remove: async () => {} };
  const { runId } = await startRun({ ...writer, runQueue }, systemActor(projectId), {
    kind: 'test',
    sourceId: testId,
    name,
    trigger: 'cli',
    timeoutMs: null,
    tests: [{ testId, name, script: '', settings: {} }],
  });
  await db.deleteFrom('runTests').where('runId', '=', runId).execute();
  await db
    .insertInto('runParts')
    .values([1, 2, 3].map((part) => ({ runId, part, status: 'queued' as const, executor: null, casesHash: null })))
    .execute();
  await commitRun(writer, runId, { from: ['queued'], to: 'running', claimedBy: 'ci' });
  await db
    .updateTable('runParts')
    .set({ executor: sql<string>`'ci-runner-' || (part + 1)` })
    .where('runId', '=', runId)
    .execute();
  const suite = largeSuite(total);
  for (let part = 0; part < 4; part += 1)
    await commitRun(writer, runId, {
      from: ['running'],
      listed: {
        part,
        cases: suite.filter((one) => one.part === part).map(({ part: _, index: __, ...listed }) => listed),
      },
    });
  const { events, failed } = playSuite(suite, seed);
  return { runId, suite, events, failed, length: events.at(-1)?.at ?? 0 };
}

/** Writes the events until `until` (ms since the beginning), as if they had been written at their time. Returns the others. */
export async function writeUntil(
  writer: RunWriter,
  run: LargeRun,
  until: number,
  begunMs: number,
): Promise<TimedEvent[]> {
  const due = run.events.filter(({ at }) => at <= until);
  for (let from = 0; from < due.length; from += batchSize)
    await commitRun(writer, run.runId, {
      from: ['running'],
      events: due.slice(from, from + batchSize).map(({ event }) => event),
    });
  await setTimes(writer, run, due, begunMs);
  return run.events.slice(due.length);
}

/** Ends the run at its time. */
export async function endLargeRun(
  writer: RunWriter,
  { runId, failed, length }: LargeRun,
  begunMs: number,
): Promise<void> {
  await commitRun(writer, runId, { from: ['running'], to: failed ? 'failed' : 'passed' });
  const end = new Date(begunMs + length).toISOString();
  await writer.db.updateTable('runs').set({ completedAt: end, durationMs: length }).where('id', '=', runId).execute();
  await sql`update run_parts set completed_at = (select max(completed_at) from run_cases
    where run_cases.run_id = run_parts.run_id and run_cases.part = run_parts.part) where run_id = ${runId}`.execute(
    writer.db,
  );
}

/** Goes on with a run in real time until it is over or `signal` aborts. */
export async function goOn(writer: RunWriter, run: LargeRun, rest: TimedEvent[], begunMs: number, signal: AbortSignal) {
  const left = [...rest];
  while (left.length > 0 && !signal.aborted) {
    await pause(200, undefined, { signal }).catch(() => {});
    const now = Date.now() - begunMs;
    const count = left.findIndex(({ at }) => at > now);
    const due = left.splice(0, count === -1 ? left.length : count);
    await commitRun(writer, run.runId, { from: ['running'], events: due.map(({ event }) => event) });
    await writer.db
      .updateTable('runs')
      .set({ heartbeatAt: sql<string>`now()` })
      .where('id', '=', run.runId)
      .execute();
  }
}

/** Sets the times that a run in real time would have given. */
async function setTimes({ db }: RunWriter, { runId }: LargeRun, due: readonly TimedEvent[], begunMs: number) {
  const begun = new Map<number, number>();
  const ended = new Map<number, number | null>();
  for (const { at, event } of due) {
    if (event.type !== 'case') continue;
    if (!begun.has(event.index)) begun.set(event.index, at);
    ended.set(event.index, event.status === 'running' ? null : at);
  }
  const iso = (at: number) => new Date(begunMs + at).toISOString();
  const indexes = [...begun.keys()];
  await sql`update run_cases set started_at = time.begun, completed_at = time.ended
    from unnest(${indexes}::integer[], ${indexes.map((index) => iso(begun.get(index)!))}::timestamptz[],
      ${indexes.map((index) => (ended.get(index) == null ? null : iso(ended.get(index)!)))}::timestamptz[])
      as time(index, begun, ended)
    where run_id = ${runId} and run_cases.index = time.index`.execute(db);
  await sql`update run_parts set started_at = ${iso(1_000)} where run_id = ${runId}`.execute(db);
  await db
    .updateTable('runs')
    .set({ startedAt: iso(0), queuedAt: iso(-4_000) })
    .where('id', '=', runId)
    .execute();
}
