import { sql } from 'kysely';
import { liveStatuses } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import type { ArtifactStore } from '#server/artifacts/artifact-store.ts';

/** Runs per call, so that one call takes little time. */
const batchSize = 100;

/**
 * Removes runs that ended more than `days` ago, with their logs and artifacts: the oldest first, at most 100. Resolves to their
 * number. With 0 days, no run is removed. A run whose files cannot be deleted stays, and is the error when the others are gone.
 */
export async function removeOldRuns(
  { db, artifacts }: { db: Database; artifacts: Pick<ArtifactStore, 'delete'> },
  days: number,
): Promise<number> {
  if (days === 0) return 0;
  const old = await db
    .selectFrom('runs')
    .select('id')
    .where('completedAt', '<', sql<string>`now() - ${days} * interval '1 day'`)
    .where('status', 'not in', liveStatuses)
    .orderBy('completedAt')
    .limit(batchSize)
    .execute();
  const ids: string[] = [];
  const faults: unknown[] = [];
  // Files first: if this is interrupted, the rows are still there and the next call removes the rest.
  for (const { id } of old)
    try {
      await artifacts.delete(id);
      ids.push(id);
    } catch (error) {
      faults.push(error);
    }
  if (ids.length > 0) await deleteRows(db, ids);
  if (faults.length > 0) throw faults[0];
  return ids.length;
}

async function deleteRows(db: Database, ids: string[]): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.updateTable('runs').set({ retryOf: null }).where('retryOf', 'in', ids).execute();
    await trx.deleteFrom('runs').where('id', 'in', ids).execute();
  });
}
