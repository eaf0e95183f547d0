import { sql } from 'kysely';
import type { Database, Trx } from '#server/db/database.ts';

/** Any number, as long as nothing else in this database takes it. */
const signUpLock = 7_264_109;

/** One after another: two who sign up at once are not both first. */
export async function lockSignUps(trx: Trx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${signUpLock})`.execute(trx);
}

/** Nobody has signed up yet; whoever is first owns the organisation that there is. */
export async function isNew(db: Database): Promise<boolean> {
  return (await db.selectFrom('users').select('id').limit(1).executeTakeFirst()) === undefined;
}
