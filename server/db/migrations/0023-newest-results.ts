import { type Kysely, sql } from 'kysely';

/** The newest results of a case are read from the index alone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index run_cases_newest on run_cases (case_id, run_id desc, index)
    include (status, flaky, duration_ms, position)`.execute(db);
  await sql`drop index run_cases_by_case`.execute(db);
}
