import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { choosePostgresAccount, endOf, handOver, spawnAs } from '#server/db/embedded/postgres-account.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

export type PoolMode = 'session' | 'transaction' | 'statement';

export interface TestPgBouncer extends AsyncDisposable {
  /** The database behind a pool of this mode. */
  connection(mode: PoolMode): pg.PoolConfig;
}

/** A real PgBouncer on a free port of 127.0.0.1, in front of one database. Disposing kills it and removes its folder. */
export async function startPgBouncer(
  database: pg.PoolConfig,
  { poolSize = 20 }: { poolSize?: number } = {},
): Promise<TestPgBouncer> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'runlight-pgbouncer-'));
  const port = await freePort();
  const modes: PoolMode[] = ['session', 'transaction', 'statement'];
  const target = `host=${database.host} port=${database.port} dbname=${database.database} user=${database.user}`;
  const config = path.join(dir, 'pgbouncer.ini');
  await writeFile(
    config,
    [
      '[databases]',
      ...modes.map((mode) => `${mode} = ${target} pool_mode=${mode} pool_size=${poolSize}`),
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = any',
    ].join('\n'),
  );
  // It does not run as root either, and has to reach the socket of the database.
  const program = '/usr/sbin/pgbouncer';
  const account = await choosePostgresAccount({ postgres: program, initdb: '', major: '' }, dir, dir);
  await handOver(dir, account);
  const child = spawnAs(account, program, ['--quiet', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr!.on('data', (chunk) => (said = (said + String(chunk)).slice(-2_000)));
  const ended = endOf(child);
  const connection = (mode: PoolMode) => ({ host: '127.0.0.1', port, user: 'runlight', database: mode, ssl: false });
  const bouncer = {
    connection,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
      await rm(dir, { recursive: true, force: true });
    },
  };
  try {
    await Promise.race([
      eventually(() => answer(connection('session'))),
      ended.then((how) => Promise.reject(new Error(`PgBouncer ended with ${how}:\n${said}`))),
    ]);
    return bouncer;
  } catch (error) {
    await bouncer[Symbol.asyncDispose]();
    throw error;
  }
}

async function answer(connection: pg.PoolConfig): Promise<void> {
  const client = new pg.Client(connection);
  client.on('error', () => {});
  await client.connect();
  await client.end();
}
