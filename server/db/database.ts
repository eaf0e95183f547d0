import { CamelCasePlugin, Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import type { Tables } from './tables.ts';
import { TimedClient } from './timed-client.ts';

export type Database = Kysely<Tables>;
export type Trx = Transaction<Tables>;

const int8 = 20;
const timestamptz = 1184;

const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === int8) return Number;
    if (oid === timestamptz) return (text: string) => new Date(text).toISOString();
    return pg.types.getTypeParser(oid, format as 'text');
  },
} as pg.CustomTypesConfig;

/** How long a query waits for a free connection, or for a new one, in ms. */
const connectionTimeoutMs = 10_000;

/** How long an answer may take where the server stops a statement after `timeoutMs`, in ms. */
export const queryTimeoutMs = (timeoutMs: number) => 1.2 * timeoutMs;

export interface DatabaseOptions {
  /** Connections at once; default: 10. */
  max?: number;
  /**
   * After this time the server stops a statement, and a while later the connection of a server that does not is closed. A
   * transaction that is idle for twice as long ends, with its locks. Default: never.
   */
  timeoutMs?: number;
  onError?: (error: Error) => void;
}

/**
 * A connection pool and the query builder on it. Connects on first use; `destroy()` ends both. Reads bigint columns as
 * numbers and timestamps as ISO-8601 text.
 */
export function createDatabase(
  connection: pg.PoolConfig,
  options: DatabaseOptions = {},
): { db: Database; pool: pg.Pool; destroy(): Promise<void> } {
  const { timeoutMs } = options;
  const pool = new pg.Pool({
    ...connection,
    application_name: 'runlight',
    max: options.max ?? 10,
    connectionTimeoutMillis: connectionTimeoutMs,
    types,
    ...(timeoutMs !== undefined && {
      Client: TimedClient,
      query_timeout: queryTimeoutMs(timeoutMs),
      // Poolers refuse settings that come with the connection itself.
      onConnect: (client: pg.ClientBase) =>
        client.query(
          `set statement_timeout = ${timeoutMs}; set idle_in_transaction_session_timeout = ${2 * timeoutMs}`,
        ),
    }),
  });
  // The pool replaces an idle connection that breaks. Without a listener the error would end the process.
  pool.on('error', (error) => options.onError?.(error));
  // The pool does not listen to a connection that is in use, which may break between two statements.
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
  return { db, pool, destroy: () => db.destroy() };
}
