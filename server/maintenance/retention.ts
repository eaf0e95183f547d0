import { sql } from 'kysely';
import { liveStatuses } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import type { ArtifactStore } from '#server/artifacts/artifact-store.ts';

/** Runs that are removed at a time, so that whoever asks for it gets on with other work. */
const batchSize = 100;

/**
 * Removes runs that ended more than `days` ago, with their logs and artifacts, the oldest first and 100 at most. Resolves
 * to their number. With 0 days all are kept for ever.
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
  const ids = old.map(({ id }) => id);
  if (ids.length === 0) return 0;
  // Files first: should this be interrupted, the rows still say what there is to remove.
  for (const id of ids) await artifacts.delete(id);
  await db.transaction().execute(async (trx) => {
    await trx.updateTable('runs').set({ retryOf: null }).where('retryOf', 'in', ids).execute();
    await trx.deleteFrom('runs').where('id', 'in', ids).execute();
  });
  return ids.length;
}
