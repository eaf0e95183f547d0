import { type Kysely, sql } from 'kysely';

/** Runs that repeat one case, and their results, which are not among those of the case's other runs. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const isUnsteady = sql`status in ('failed', 'timed_out') or flaky`;
  const statements = [
    sql`alter table runs add column repeated_case_id uuid references cases, add column repeats smallint`,
    sql`create index runs_repeated on runs (repeated_case_id, id desc) where repeated_case_id is not null`,
    sql`alter table run_cases add column repeat smallint`,
    // Histories still read indexes alone.
    sql`drop index run_cases_newest, run_cases_failed, run_cases_unsteady`,
    sql`create index run_cases_newest on run_cases (case_id, run_id desc, index)
      include (status, flaky, duration_ms, position) where repeat is null`,
    sql`create index run_cases_failed on run_cases (case_id, run_id desc)
      where status in ('failed', 'timed_out') and repeat is null`,
    sql`create index run_cases_unsteady on run_cases (case_id, run_id desc) where (${isUnsteady}) and repeat is null`,
  ];
  for (const statement of statements) await statement.execute(db);
}
