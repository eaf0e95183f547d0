import { takeLock } from '#server/db/advisory-locks.ts';
import type { Database, Trx } from '#server/db/database.ts';

/** One after another: two who sign up at once are not both first. */
export async function lockSignUps(trx: Trx): Promise<void> {
  await takeLock(trx, 'signUp');
}

/** Nobody has signed up yet; whoever is first owns the organisation that there is. */
export async function isNew(db: Database): Promise<boolean> {
  return (await db.selectFrom('users').select('id').limit(1).executeTakeFirst()) === undefined;
}
