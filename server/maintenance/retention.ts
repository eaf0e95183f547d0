import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import pLimit from 'p-limit';
import { liveStatuses } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import type { ArtifactStore } from '#server/artifacts/artifact-store.ts';

/** Most runs in one transaction and log entries in one statement, so that each takes little time. */
const most = { runs: 100, entries: 10_000 };

/** The files of this many runs are deleted at the same time. */
const storesAtOnce = 4;

interface OldRun {
  id: string;
  seq: number;
  /** Time with microseconds. */
  endedAt: string;
}

/**
 * Removes runs that ended more than `days` ago, with their logs and artifacts: the oldest first, in batches with pauses, until there
 * are none or `signal` aborts. Resolves to their number. With 0 days, no run is removed. A run stays if its files cannot be deleted;
 * the error is thrown once the other runs are gone.
 */
export async function removeOldRuns(
  { db, artifacts }: { db: Database; artifacts: Pick<ArtifactStore, 'delete'> },
  days: number,
  signal: AbortSignal,
): Promise<number> {
  if (days === 0) return 0;
  const faults: unknown[] = [];
  let removed = 0;
  let last: OldRun | undefined;
  while (!signal.aborted) {
    const startedAt = performance.now();
    const batch = await findBatch(db, days, last);
    if (batch.length === 0) break;
    last = batch.at(-1);
    // Files first: if this is interrupted, the rows are still there and the next call removes the rest.
    const gone = await pLimit(storesAtOnce).map(batch, (run) =>
      artifacts.delete(run.id).then(
        () => [run],
        (error: unknown) => {
          faults.push(error);
          return [];
        },
      ),
    );
    removed += await deleteRows(db, gone.flat(), signal);
    await rest(startedAt, signal);
  }
  if (faults.length > 0) throw faults[0];
  return removed;
}

/**
 * The oldest runs after `last`, with no more log entries together than one statement deletes, or one run with more. `last` spares
 * the query the rows that this call has already deleted: the index contains them until it is vacuumed.
 */
async function findBatch(db: Database, days: number, last: OldRun | undefined): Promise<OldRun[]> {
  const { rows } = await sql<OldRun>`
    select id, seq, completed_at::text as ended_at from runs
    where completed_at < now() - ${days} * interval '1 day' and status not in (${sql.join(liveStatuses)})
      ${last ? sql`and (completed_at, id) > (${last.endedAt}::timestamptz, ${last.id}::uuid)` : sql``}
    order by completed_at, id limit ${most.runs}`.execute(db);
  let entries = 0;
  const tooMany = rows.findIndex(({ seq }) => (entries += seq) > most.entries);
  return tooMany === -1 ? rows : rows.slice(0, Math.max(1, tooMany));
}

async function deleteRows(db: Database, runs: OldRun[], signal: AbortSignal): Promise<number> {
  const ids = runs.map(({ id }) => id);
  if (ids.length === 0) return 0;
  for (const { id, seq } of runs)
    for (let from = 0; from < seq - most.entries; from += most.entries) {
      if (signal.aborted) return 0;
      const startedAt = performance.now();
      await db
        .deleteFrom('runEvents')
        .where('runId', '=', id)
        .where('seq', '>', from)
        .where('seq', '<=', from + most.entries)
        .execute();
      await rest(startedAt, signal);
    }
  await db.transaction().execute(async (trx) => {
    await trx.updateTable('runs').set({ retryOf: null }).where('retryOf', 'in', ids).execute();
    await trx.deleteFrom('runs').where('id', 'in', ids).execute();
  });
  return ids.length;
}

/** Pauses for as long as the last batch took, so that others can use the database. */
function rest(startedAt: number, signal: AbortSignal): Promise<void> {
  return delay(performance.now() - startedAt, undefined, { signal }).catch(() => {});
}
