import { sql } from 'kysely';
import { workersChannel } from '#shared/channels.ts';
import type { WorkerPresence } from '#shared/queue.ts';
import { ago } from '#server/db/ago.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { memoize } from '#server/live/memoize.ts';
import { busMessage, type Publisher } from '#server/live/publisher.ts';

/** Interval of a worker's heartbeats. */
export const heartbeatIntervalMs = 5_000;
/** A worker without a heartbeat for this long (three missed ones) is considered lost. */
export const silentMs = 4 * heartbeatIntervalMs - 1_000;

export interface PresenceWriter {
  db: Database;
  publisher: Publisher;
}

export interface WorkerIdentity {
  id: string;
  host: string;
  pid: number;
  version: string;
  concurrency: number;
  startedAt: string;
}

/** The workers and their runs, in one consistent state. Workers that have been silent for too long are left out. */
export async function readPresence(db: Database): Promise<WorkerPresence> {
  const rows = await db
    .selectFrom('workerPresence')
    .leftJoin('workers', (join) => join.on('beatAt', '>', ago(silentMs)))
    .leftJoin('runs', (join) =>
      join.on('status', '=', 'running').on(({ or, eb, exists, selectFrom, ref }) =>
        or([
          eb('runs.workerId', '=', ref('workers.id')),
          // Parts of suites' runs have workers of their own.
          exists(
            selectFrom('runParts as part')
              .select('part')
              .whereRef('part.runId', '=', 'runs.id')
              .where('part.status', '=', 'running')
              .whereRef('part.workerId', '=', 'workers.id'),
          ),
        ]),
      ),
    )
    .select([
      'workerPresence.seq',
      'workers.id',
      'host',
      'pid',
      'workers.version',
      'concurrency',
      'workers.startedAt',
      'beatAt',
    ])
    .select(['runs.id as runId', 'runs.name', 'runs.projectId'])
    .orderBy('workers.startedAt')
    .orderBy('workers.id')
    .orderBy('runs.startedAt')
    .orderBy('runs.id')
    .execute();
  const workers = new Map<string, WorkerPresence['items'][number]>();
  for (const { seq: _, runId, name, projectId, ...columns } of rows) {
    if (columns.id === null) continue;
    const worker = workers.get(columns.id) ?? { ...(columns as WorkerIdentity & { beatAt: string }), runs: [] };
    workers.set(worker.id, worker);
    if (runId !== null) worker.runs.push({ runId, name: name!, projectId: projectId! });
  }
  return { seq: rows[0]!.seq, items: [...workers.values()] };
}

/** Those that give signs of life, and the runs that they execute at once. */
export async function countWorkers(db: Database): Promise<{ count: number; slots: number }> {
  return db
    .selectFrom('workers')
    .select((eb) => [eb.fn.countAll<number>().as('count'), sql<number>`coalesce(sum(concurrency), 0)::int`.as('slots')])
    .where('beatAt', '>', ago(silentMs))
    .executeTakeFirstOrThrow();
}

const viewsOf = memoize((_: WorkerPresence) => new Map<string, WorkerPresence>());

/** The workers with only the runs of this project. All streams of a project share the returned object. */
export function viewPresence(presence: WorkerPresence, projectId: string): WorkerPresence {
  const views = viewsOf(presence);
  let view = views.get(projectId);
  if (!view) {
    const items = presence.items.map((worker) => ({
      ...worker,
      runs: worker.runs.filter((run) => run.projectId === projectId),
    }));
    views.set(projectId, (view = { ...presence, items }));
  }
  return view;
}

export function addWorker(writer: PresenceWriter, worker: WorkerIdentity): Promise<void> {
  return commitPresence(writer, (trx) => writeBeat(trx, worker));
}

/**
 * Records a heartbeat. A worker that was considered lost is listed again. Heartbeats of all workers are published at most
 * every 2.5 s.
 */
export async function beatWorker(writer: PresenceWriter, worker: WorkerIdentity): Promise<void> {
  await writeBeat(writer.db, worker);
  await commitPresence(writer, undefined, { unlessPublishedForMs: heartbeatIntervalMs / 2 });
}

/** Call this when a worker has started or ended a run. */
export function tellPresence(writer: PresenceWriter): Promise<void> {
  return commitPresence(writer);
}

export function removeWorker(writer: PresenceWriter, workerId: string): Promise<void> {
  return commitPresence(writer, (trx) => trx.deleteFrom('workers').where('id', '=', workerId).execute());
}

/** Removes workers that have been silent for `silentForMs`. */
export async function removeSilentWorkers(writer: PresenceWriter, silentForMs: number): Promise<void> {
  const silent = await writer.db.selectFrom('workers').select('id').where('beatAt', '<', ago(silentForMs)).execute();
  if (silent.length === 0) return;
  await commitPresence(writer, (trx) => trx.deleteFrom('workers').where('beatAt', '<', ago(silentForMs)).execute());
}

/** Changes the workers in a transaction and publishes the new state once it is committed. */
async function commitPresence(
  { db, publisher }: PresenceWriter,
  change?: (trx: Trx) => Promise<unknown>,
  { unlessPublishedForMs }: { unlessPublishedForMs?: number } = {},
): Promise<void> {
  const presence = await db.transaction().execute(async (trx) => {
    // Locks the row until the commit, so that no state is read before all states with a smaller `seq`.
    const { numUpdatedRows } = await trx
      .updateTable('workerPresence')
      .set((eb) => ({ seq: eb('seq', '+', 1), toldAt: sql<string>`now()` }))
      .$if(unlessPublishedForMs !== undefined, (query) => query.where('toldAt', '<', ago(unlessPublishedForMs!)))
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return undefined;
    await change?.(trx);
    return readPresence(trx);
  });
  if (presence) publisher.publish([busMessage(workersChannel, presence)]);
}

function writeBeat(db: Database, worker: WorkerIdentity): Promise<unknown> {
  return db
    .insertInto('workers')
    .values(worker)
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ beatAt: sql<string>`now()` }))
    .execute();
}
