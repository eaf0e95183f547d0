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

/** The baselines of several tests. */
export async function findBaselines(
  db: Database,
  testIds: readonly string[],
): Promise<Map<string, { path: string; content: Buffer }[]>> {
  if (testIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('snapshots')
    .select(['testId', 'path', 'content'])
    .where('testId', 'in', testIds)
    .execute();
  const byTest = new Map<string, typeof rows>();
  for (const row of rows) byTest.set(row.testId, [...(byTest.get(row.testId) ?? []), row]);
  return byTest;
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
