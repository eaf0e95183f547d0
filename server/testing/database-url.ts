import type pg from 'pg';

/** The address of a database behind a socket, as an operator writes it in DATABASE_URL. */
export function databaseUrl({ user, host = '', port, database }: pg.PoolConfig): string {
  return `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`;
}
