import { sql } from 'kysely';
import type { Database } from '#server/db/database.ts';
import { getRun } from './queries.ts';

/** When a case began and ended, in ms since the run was queued; `end` is null while it runs. Short, since a run has thousands. */
export type CaseTime = [index: number, begin: number, end: number | null];

/** The times of the cases that have begun, in the order in which they did. Throws NOT_FOUND. */
export async function findCaseTimes(
  db: Database,
  projectId: string,
  runId: string,
): Promise<{ queuedAt: string; items: CaseTime[] }> {
  const { queuedAt } = await getRun(db, projectId, runId);
  const since = (time: string) =>
    sql`round(extract(epoch from ${sql.ref(time)} - ${queuedAt}::timestamptz) * 1000)::float8`;
  const { rows } = await sql<{ items: CaseTime[] | null }>`
    select json_agg(json_build_array(index, ${since('started_at')}, ${since('completed_at')}) order by started_at, index) as items
    from run_cases where run_id = ${runId} and started_at is not null and status <> 'skipped'`.execute(db);
  return { queuedAt, items: rows[0]?.items ?? [] };
}
