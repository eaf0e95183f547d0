import type pg from 'pg';
import { errorMessage } from '#server/lib/errors.ts';

const rounds = 3;

const advice =
  'Runlight needs sessions of its own, for advisory locks and notifications (LISTEN). Let DATABASE_URL name PostgreSQL ' +
  'itself, or a pool in session mode (PgBouncer: pool_mode = session).';

/**
 * Throws if connections share sessions of the server, as behind a pooler in transaction mode, or if there is only one. A
 * transaction on one connection keeps the session that another one had, or the other one finds itself in another session.
 */
export async function checkSessions(pool: pg.Pool): Promise<void> {
  const first = await pool.connect();
  try {
    const session = await sessionOf(first);
    const second = await pool.connect().catch((error: unknown) => {
      throw new Error(`PostgreSQL gives no second connection: ${errorMessage(error)}. ${advice}`, { cause: error });
    });
    try {
      for (let round = 0; round < rounds; round += 1)
        if (await isShared(first, second, session))
          throw new Error(
            `Connections to PostgreSQL share sessions: a pooler in transaction mode is in between. ${advice}`,
          );
    } finally {
      // It may have a transaction.
      second.release(true);
    }
  } finally {
    first.release();
  }
}

async function isShared(first: pg.PoolClient, second: pg.PoolClient, session: number): Promise<boolean> {
  try {
    await second.query('begin');
  } catch (error) {
    // In statement mode there are no transactions.
    if (/pooling/.test(errorMessage(error))) return true;
    throw error;
  }
  const other = await sessionOf(second);
  const isOther = other !== session && (await sessionOf(first)) === session;
  await second.query('commit');
  return !isOther;
}

async function sessionOf(client: pg.PoolClient): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]!.pid;
}
