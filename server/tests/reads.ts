import { sql } from 'kysely';
import type { Database } from '#server/db/database.ts';
import { batchReads } from '#server/live/batch-reads.ts';

/** Reads for streams of tests. */
export function createTestReads(db: Database) {
  return {
    projectOf: batchReads(async (testIds: string[]) => {
      const tests = await db
        .selectFrom('tests')
        .select(['id', 'projectId'])
        .where('id', '=', sql<string>`any(${testIds}::uuid[])`)
        .execute();
      return new Map(tests.map((test) => [test.id, test.projectId]));
    }),
  };
}
