import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // `value` is sealed.
  await sql`create table variables (
    project_id uuid not null references projects(id) on delete cascade,
    name text not null,
    value text not null,
    updated_at timestamptz not null default now(),
    primary key (project_id, name)
  )`.execute(db);
}
