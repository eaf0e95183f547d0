import type { Trx } from '#server/db/database.ts';

/** The number of the next change in a project's activity. Locks the project's row, so that numbers become visible in order. */
export async function nextActivitySeq(trx: Trx, projectId: string): Promise<number> {
  const { activitySeq } = await trx
    .updateTable('projects')
    .set((eb) => ({ activitySeq: eb('activitySeq', '+', 1) }))
    .where('id', '=', projectId)
    .returning('activitySeq')
    .executeTakeFirstOrThrow();
  return activitySeq;
}
