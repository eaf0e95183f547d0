import pg from 'pg';

/** The superuser and the database have the same name. */
export const name = 'runlight';

interface Address {
  /** The directory of the server's unix socket. */
  host: string;
  port: number;
}

export interface Connection extends Address {
  user: string;
  database: string;
  ssl: false;
}

/** Creates our database unless it exists. */
export async function ensureDatabase(server: Address): Promise<void> {
  const found = await query(server, `select from pg_database where datname = '${name}'`);
  if (found.length === 0) await query(server, `create database ${name}`);
}

/** The process id of the server behind the socket. */
export async function readServerPid(server: Address): Promise<number> {
  const rows = await query<{ file: string }>(server, "select pg_read_file('postmaster.pid') as file");
  return Number(rows[0]?.file.split('\n')[0]);
}

async function query<Row extends pg.QueryResultRow>(server: Address, sql: string): Promise<Row[]> {
  const client = new pg.Client({ ...connectionTo(server, 'postgres'), connectionTimeoutMillis: 5_000 });
  // The server may close the connection between our calls. The next call reports that.
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Sets `ssl`, because node-postgres would otherwise use PGSSLMODE, which is meant for other servers. */
export function connectionTo(server: Address, database: string): Connection {
  return { host: server.host, port: server.port, user: name, database, ssl: false };
}
