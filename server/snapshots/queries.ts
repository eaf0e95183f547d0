import { sql } from 'kysely';
import { recordAudit } from '#server/audit/record-audit.ts';
import type { Database } from '#server/db/database.ts';
import type { Actor } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';
import { getActiveTest } from '#server/tests/queries.ts';

/** By path. */
export function listSnapshots(db: Database, testId: string) {
  return db
    .selectFrom('snapshots')
    .select(['path', 'contentType', 'runId', 'acceptedBy', 'acceptedAt'])
    .select(sql<number>`length(content)`.as('bytes'))
    .where('testId', '=', testId)
    .orderBy('path')
    .execute();
}

export function findBaselines(db: Database, testId: string): Promise<{ path: string; content: Buffer }[]> {
  return db.selectFrom('snapshots').select(['path', 'content']).where('testId', '=', testId).execute();
}

/** Bytes of the baselines of several tests together. */
export async function countBaselineBytes(db: Database, testIds: readonly string[]): Promise<number> {
  if (testIds.length === 0) return 0;
  const { bytes } = await db
    .selectFrom('snapshots')
    .select(sql<number>`coalesce(sum(length(content)), 0)::float8`.as('bytes'))
    .where('testId', 'in', testIds)
    .executeTakeFirstOrThrow();
  return bytes;
}

/** Throws NOT_FOUND, and CONFLICT when the test is archived. */
export async function removeSnapshot(
  db: Database,
  actor: Actor,
  { testId, path }: { testId: string; path: string },
): Promise<void> {
  const { name } = await getActiveTest(db, actor.projectId, testId);
  await db.transaction().execute(async (trx) => {
    const { numDeletedRows } = await trx
      .deleteFrom('snapshots')
      .where('testId', '=', testId)
      .where('path', '=', path)
      .executeTakeFirst();
    if (numDeletedRows === 0n) throw new AppError('NOT_FOUND', `The test "${name}" has no baseline "${path}".`);
    await recordAudit(trx, actor, {
      action: 'snapshot.removed',
      target: { kind: 'test', id: testId, name },
      details: { snapshot: path },
    });
  });
}
