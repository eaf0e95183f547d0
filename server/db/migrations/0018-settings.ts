import { type Kysely, sql } from 'kysely';

/** Settings of tests, projects and runs under Playwright's names, and accepted baselines of snapshots. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`alter table projects add column settings jsonb not null default '{}'`,
    sql`alter table tests add column settings jsonb not null default '{}'`,
    sql`alter table run_tests add column settings jsonb not null default '{}'`,
    sql`alter table artifacts add column snapshot jsonb`,
    sql`create table snapshots (
      test_id uuid not null references tests on delete cascade,
      path text not null,
      content bytea not null,
      content_type text not null,
      run_id uuid references runs on delete set null,
      accepted_by text not null,
      accepted_at timestamptz not null default now(),
      primary key (test_id, path)
    )`,
    // Pictures are compressed already.
    sql`alter table snapshots alter column content set storage external`,
    sql`create index snapshots_by_run on snapshots (run_id) where run_id is not null`,
  ];
  for (const statement of statements) await statement.execute(db);
}
