import { type Kysely, sql } from 'kysely';

/** Where a suite is in git, for runs that fetch it: address, branch, folder, and the variable that has the token. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table suites add column git jsonb`.execute(db);
}
