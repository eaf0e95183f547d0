import { type Kysely, sql } from 'kysely';

/** Suites, runs that are reported from elsewhere, what they were run of, and keys that may report alone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table suites (
      id uuid primary key,
      project_id uuid not null references projects,
      name text not null,
      created_at timestamptz not null default now(),
      archived_at timestamptz,
      unique (project_id, name)
    )`,
    sql`alter table runs drop constraint runs_kind_check`,
    sql`alter table runs add constraint runs_kind_check check (kind in ('test', 'job', 'suite')) not valid`,
    sql`alter table runs drop constraint runs_trigger_check`,
    sql`alter table runs add constraint runs_trigger_check
      check (trigger in ('manual', 'schedule', 'api', 'cli', 'retry', 'ci')) not valid`,
    sql`alter table runs
      add column suite_id uuid references suites,
      add column origin text not null default 'worker' check (origin in ('worker', 'reporter')),
      add column branch text,
      add column commit_sha text,
      add column commit_message text,
      add column author text,
      add column pull_request text,
      add column ci_provider text,
      add column build_id text,
      add column build_attempt text,
      add column build_url text,
      add column cancel_requested_by text`,
    sql`alter table runs add constraint runs_suite_check check ((kind = 'suite') = (suite_id is not null)) not valid`,
    sql`create index runs_by_suite on runs (suite_id, id desc) where suite_id is not null`,
    sql`create index runs_by_branch on runs (project_id, branch, id desc) where branch is not null`,
    sql`create index runs_by_build on runs (suite_id, build_id, id desc) where build_id is not null`,
    sql`alter table cases add column suite_id uuid references suites`,
    sql`create index cases_by_suite on cases (suite_id) where suite_id is not null`,
    sql`alter table run_parts
      add column session text,
      add column acknowledged bigint not null default 0,
      add column heartbeat_at timestamptz,
      add column error_code text,
      add column error_details text`,
    sql`create index run_parts_reported on run_parts (heartbeat_at) where session is not null and completed_at is null`,
    sql`alter table api_keys drop constraint api_keys_role_check`,
    sql`alter table api_keys add constraint api_keys_role_check
      check (role in ('viewer', 'editor', 'owner', 'reporter')) not valid`,
  ];
  for (const statement of statements) await statement.execute(db);
}
