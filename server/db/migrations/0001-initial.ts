import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table projects (
      id uuid primary key,
      name text not null,
      activity_seq bigint not null default 0
    )`,
    sql`create table tests (
      id uuid primary key,
      project_id uuid not null references projects(id),
      name text not null,
      script text not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      archived_at timestamptz
    )`,
    sql`create index tests_list on tests (project_id, id desc) where archived_at is null`,
    sql`create table jobs (
      id uuid primary key,
      project_id uuid not null references projects(id),
      name text not null,
      schedule text,
      timezone text not null default 'UTC',
      enabled boolean not null default true,
      timeout_ms integer,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      archived_at timestamptz
    )`,
    sql`create index jobs_list on jobs (project_id, id desc) where archived_at is null`,
    sql`create table job_tests (
      job_id uuid not null references jobs(id) on delete cascade,
      test_id uuid not null references tests(id),
      position integer not null,
      primary key (job_id, position)
    )`,
    sql`create index job_tests_by_test on job_tests (test_id)`,
    sql`create table runs (
      id uuid primary key,
      project_id uuid not null references projects(id),
      kind text not null check (kind in ('test', 'job')),
      test_id uuid references tests(id),
      job_id uuid references jobs(id),
      name text not null,
      status text not null check (status in ('queued','running','passed','failed','error','cancelled','timed_out')),
      version bigint not null default 1,
      seq bigint not null default 0,
      activity_seq bigint not null,
      trigger text not null check (trigger in ('manual','schedule','api','cli','retry')),
      triggered_by text,
      retry_of uuid references runs(id),
      idempotency_key text,
      timeout_ms integer,
      queued_at timestamptz not null default now(),
      started_at timestamptz,
      completed_at timestamptz,
      duration_ms bigint,
      heartbeat_at timestamptz,
      worker_id text,
      cancel_requested_at timestamptz,
      error_code text,
      error_details text,
      total integer not null default 0,
      passed integer not null default 0,
      failed integer not null default 0,
      skipped integer not null default 0,
      flaky integer not null default 0,
      report_path text,
      artifact_paths jsonb not null default '[]',
      unique (project_id, idempotency_key),
      check ((kind = 'test') = (test_id is not null)),
      check ((kind = 'job') = (job_id is not null))
    )`,
    // Ids are uuid v7, so the newest run has the greatest id.
    sql`create index runs_list on runs (project_id, id desc)`,
    sql`create index runs_by_test on runs (test_id, id desc) where test_id is not null`,
    sql`create index runs_by_job on runs (job_id, id desc) where job_id is not null`,
    sql`create index runs_by_status on runs (project_id, status, id desc)`,
    sql`create index runs_by_activity on runs (project_id, activity_seq)`,
    sql`create index runs_live on runs (status, queued_at) where status in ('queued', 'running')`,
    sql`create table run_tests (
      run_id uuid not null references runs(id) on delete cascade,
      position integer not null,
      test_id uuid references tests(id),
      name text not null,
      script text not null,
      status text not null default 'pending'
        check (status in ('pending','running','passed','failed','timed_out','skipped','interrupted')),
      flaky boolean not null default false,
      duration_ms bigint,
      error jsonb,
      primary key (run_id, position)
    )`,
    sql`create table run_events (
      run_id uuid not null references runs(id) on delete cascade,
      seq bigint not null,
      type text not null,
      payload jsonb not null,
      at timestamptz not null default now(),
      primary key (run_id, seq)
    )`,
    sql`create table artifacts (
      id uuid primary key,
      run_id uuid not null references runs(id) on delete cascade,
      run_test_position integer,
      kind text not null check (kind in ('report','trace','video','screenshot','log')),
      path text not null,
      bytes bigint not null,
      content_type text not null,
      unique (run_id, path)
    )`,
    // Until accounts exist there is one project, and every query already names it.
    sql`insert into projects (id, name) values ('00000000-0000-7000-8000-000000000001', 'Default')`,
  ];
  for (const statement of statements) await statement.execute(db);
}
