import { type Kysely, sql } from 'kysely';

/** A link works for as long as who made it may make one; of those that there are, it is not known who that was. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table invitations add column inviter_id text`.execute(db);
  await sql`alter table password_resets add column creator_id text`.execute(db);
}
