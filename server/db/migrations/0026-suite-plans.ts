import { type Kysely, sql } from 'kysely';

/** How runs of suites are divided into parts. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table suite_plans (
    run_id uuid primary key references runs (id) on delete cascade,
    plan jsonb not null
  )`.execute(db);
}
