import { type Kysely, sql } from 'kysely';

/** Jobs that run a suite, runs of a suite that belong to a job, and why a start was missed in words. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`alter table jobs
      add column suite_id uuid references suites,
      add column bundle_id uuid references suite_bundles on delete set null,
      add column suite_run jsonb,
      add constraint jobs_suite_check check ((suite_id is null) = (suite_run is null))`,
    sql`create index jobs_by_suite on jobs (suite_id) where suite_id is not null`,
    sql`create index jobs_by_bundle on jobs (bundle_id) where bundle_id is not null`,
    // Kind and job: see 0001.
    sql`alter table runs drop constraint runs_check1`,
    sql`alter table runs add constraint runs_job_check
      check (case kind when 'job' then job_id is not null when 'test' then job_id is null else true end) not valid`,
    sql`alter table missed_starts add column details text`,
  ];
  for (const statement of statements) await statement.execute(db);
}
