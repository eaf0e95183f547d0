import { type Kysely, sql } from 'kysely';

/** What the statistics of cases are read by, and the numbers of runs by day (UTC). */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    // Runs of the same script are compared, like runs of one commit.
    sql`alter table run_tests add column script_hash uuid generated always as (md5(script)::uuid) stored`,
    sql`create index run_cases_failed on run_cases (case_id, run_id desc) where status in ('failed', 'timed_out')`,
    sql`create index run_cases_unsteady on run_cases (case_id, run_id desc)
      where status in ('failed', 'timed_out') or flaky`,
    sql`create index cases_by_age on cases (project_id, created_at desc, id desc)`,
    sql`create table run_days (
      project_id uuid not null references projects on delete cascade,
      day date not null,
      passed integer not null,
      failed integer not null,
      flaky integer not null,
      primary key (project_id, day)
    )`,
    sql`insert into run_days (project_id, day, passed, failed, flaky)
      select project_id, (completed_at at time zone 'UTC')::date, count(*) filter (where status = 'passed'),
        count(*) filter (where status in ('failed', 'error', 'timed_out')), coalesce(sum(flaky), 0)
      from runs where completed_at is not null and status <> 'cancelled' group by 1, 2`,
  ];
  for (const statement of statements) await statement.execute(db);
}
