import { sql } from 'kysely';
import type { Database, Trx } from './database.ts';

/**
 * Every advisory lock of this database, named after what it guards. Processes of two versions share the database during
 * an upgrade, so a number keeps its meaning and a new lock gets a new number. Kysely's migrator and BullMQ have larger
 * numbers of their own.
 */
export const advisoryLocks = {
  /** Starting a run: counts the queued runs and adds one. */
  enqueue: 7_264_108,
  /** The sweep: one process at a time. */
  sweep: 7_264_109,
  /**
   * Signing up: finds whether there is a user and adds one. Earlier versions took the number of `sweep`. So during an
   * upgrade a sign-up there and one here do not exclude each other, which matters only for an installation's first user.
   */
  signUp: 7_264_110,
  /** The sweep of reported runs: one process at a time. */
  reports: 7_264_111,
  /** Removing what is past its retention: one process at a time. */
  removal: 7_264_112,
  /** Making deliveries of events: one at a time, so that they have the order of the events. */
  notifications: 7_264_113,
};

export type AdvisoryLock = keyof typeof advisoryLocks;

/** Waits for the lock. It is released when the transaction ends. */
export async function takeLock(trx: Trx, lock: AdvisoryLock): Promise<void> {
  await sql`select pg_advisory_xact_lock(${advisoryLocks[lock]})`.execute(trx);
}

/** Runs `work` with the lock held, or not at all when another connection holds it. Resolves to whether `work` ran. */
export async function tryWithLock(db: Database, lock: AdvisoryLock, work: () => Promise<void>): Promise<boolean> {
  return db.connection().execute(async (connection) => {
    const { rows } = await sql<{
      locked: boolean;
    }>`select pg_try_advisory_lock(${advisoryLocks[lock]}) as locked`.execute(connection);
    if (!rows[0]?.locked) return false;
    try {
      await work();
      return true;
    } finally {
      await sql`select pg_advisory_unlock(${advisoryLocks[lock]})`.execute(connection);
    }
  });
}
