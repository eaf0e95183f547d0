import { CamelCasePlugin, Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import type { Tables } from './tables.ts';

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

/**
 * A connection pool and the query builder on it. Connects on first use; `destroy()` ends both. Reads bigint columns as
 * numbers and timestamps as ISO-8601 text.
 */
export function createDatabase(
  connection: pg.PoolConfig,
  options: { max?: number; onError?: (error: Error) => void } = {},
): { db: Database; pool: pg.Pool; destroy(): Promise<void> } {
  const pool = new pg.Pool({
    ...connection,
    application_name: 'runlight',
    max: options.max ?? 10,
    connectionTimeoutMillis: 10_000,
    types,
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
