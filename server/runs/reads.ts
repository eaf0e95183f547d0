import { sql } from 'kysely';
import type { Database } from '#server/db/database.ts';
import { batchReads } from '#server/live/batch-reads.ts';
import { createCaseReads } from './case-reads.ts';
import { createLogReads } from './log-reads.ts';
import { runColumns, type RunRow } from './run-state.ts';

export type RunReads = ReturnType<typeof createRunReads>;

/** Reads for streams of runs. All reads of one tick share one query. */
export function createRunReads(db: Database) {
  const byId = batchReads(async (ids: string[]) => {
    const runs = await db
      .selectFrom('runs')
      .select(runColumns)
      .where('id', '=', sql<string>`any(${ids}::uuid[])`)
      .execute();
    return new Map(runs.map((run) => [run.id, run]));
  });

  const newestOfTest = batchReads(async (testIds: string[]) => {
    const columns = sql.join(runColumns.map((column) => sql.ref(`runs.${column}`)));
    const { rows } = await sql<RunRow>`
      select run.* from unnest(${testIds}::uuid[]) as test(id)
      cross join lateral (select ${columns} from runs where test_id = test.id order by id desc limit 1) as run`.execute(
      db,
    );
    return new Map(rows.map((run) => [run.testId!, run]));
  });

  return {
    byId,
    newestOfTest,
    log: createLogReads(db),
    cases: createCaseReads(db),
  };
}
