import { type Kysely, sql } from 'kysely';

/** Badges that show how something does; keys of webhooks that sign beside their successors; what runs say when they start. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table badges (
      id uuid primary key,
      project_id uuid not null references projects,
      test_id uuid references tests on delete cascade,
      job_id uuid references jobs on delete cascade,
      suite_id uuid references suites on delete cascade,
      branch text,
      token text not null unique,
      created_by text not null,
      created_at timestamptz not null default now(),
      check (num_nonnulls(test_id, job_id, suite_id) = 1),
      unique nulls not distinct (test_id, job_id, suite_id, branch)
    )`,
    sql`alter table notification_rules add column retiring_secret text`,
    sql`alter table notification_rules add column retires_at timestamptz`,
    sql`alter table notification_events drop constraint notification_events_kind_check`,
    sql`alter table notification_events add constraint notification_events_kind_check
      check (kind in ('started', 'settled', 'failing', 'start_missed'))`,
  ];
  for (const statement of statements) await statement.execute(db);
}
