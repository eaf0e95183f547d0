import { type Kysely, sql } from 'kysely';

/** What a part did before its first case ran. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table run_parts add column phases jsonb not null default '[]'`.execute(db);
}
