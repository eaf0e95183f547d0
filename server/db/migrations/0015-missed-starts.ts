import { type Kysely, sql } from 'kysely';

/** Starts that were due and did not happen, and the rules by which jobs start on their schedule. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`alter table jobs
      add column overlap text not null default 'skip',
      add column catch_up text not null default 'last',
      add column handled_until timestamptz not null default now()`,
    sql`create table missed_starts (
      id uuid primary key,
      job_id uuid not null references jobs on delete cascade,
      due_at timestamptz not null,
      reason text not null,
      run_id uuid references runs on delete set null,
      created_at timestamptz not null default now(),
      unique (job_id, due_at)
    )`,
    sql`create index missed_starts_by_time on missed_starts (created_at)`,
    sql`create index missed_starts_by_run on missed_starts (run_id) where run_id is not null`,
    sql`create index missed_starts_to_make_up on missed_starts (due_at) where reason = 'queue_full' and run_id is null`,
  ];
  for (const statement of statements) await statement.execute(db);
}
