import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table password_resets (
    user_id text primary key references users(id) on delete cascade,
    secret_hash text not null unique,
    expires_at timestamptz not null
  )`.execute(db);
}
