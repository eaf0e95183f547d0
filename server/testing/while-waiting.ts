import { sql } from 'kysely';
import { expect } from 'vitest';
import type { Trx } from '#server/db/database.ts';
import { eventually } from './eventually.ts';
import type { TestSystem } from './resources.ts';

/**
 * Starts a call that has to wait for `before`, a transaction that is committed once the call waits. `after` runs in that transaction
 * just before.
 */
export async function whileWaiting(
  app: TestSystem,
  before: (trx: Trx) => Promise<unknown>,
  begin: () => Promise<unknown>,
  after: (trx: Trx) => Promise<unknown> = async () => {},
): Promise<PromiseSettledResult<unknown>> {
  const { db } = app.services;
  const { ended } = await db.transaction().execute(async (trx) => {
    await before(trx);
    const ended = Promise.allSettled([begin()]);
    await eventually(async () => {
      const waiting =
        await sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
          db,
        );
      expect(waiting.rows).toHaveLength(1);
    });
    await after(trx);
    return { ended };
  });
  return (await ended)[0];
}
