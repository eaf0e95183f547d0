import { type Kysely, sql } from 'kysely';

/** Bundles of suites, runs of them, and parts that workers execute. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table bundle_archives (
      project_id uuid not null references projects,
      hash text not null,
      bytes bigint not null,
      unpacked_bytes bigint not null,
      files integer not null,
      received_at timestamptz not null default now(),
      primary key (project_id, hash)
    )`,
    sql`create table suite_bundles (
      id uuid primary key,
      project_id uuid not null,
      suite_id uuid not null references suites,
      hash text not null,
      dir text not null,
      config text not null,
      package_manager text not null check (package_manager in ('npm', 'pnpm', 'yarn')),
      lock_file text not null,
      playwright text,
      branch text,
      commit_sha text,
      commit_message text,
      author text,
      is_dirty boolean not null,
      pushed_by text,
      pushed_at timestamptz not null default now(),
      foreign key (project_id, hash) references bundle_archives,
      unique (suite_id, hash, dir, config)
    )`,
    sql`create index suite_bundles_newest on suite_bundles (suite_id, pushed_at desc, id desc)`,
    sql`create index suite_bundles_by_archive on suite_bundles (project_id, hash)`,
    sql`alter table runs
      add column bundle_id uuid references suite_bundles on delete set null,
      add column suite_options jsonb`,
    sql`create index runs_by_bundle on runs (bundle_id, id desc) where bundle_id is not null`,
    sql`alter table run_parts
      add column worker_id text,
      add column attempt integer not null default 0`,
  ];
  for (const statement of statements) await statement.execute(db);
}
