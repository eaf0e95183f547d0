import { type Kysely, sql } from 'kysely';

/** Plain variables can be read; those from before are secret. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table variables add column is_secret boolean not null default true`.execute(db);
}
