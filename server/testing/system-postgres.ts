import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import { choosePostgresAccount, endOf, handOver, spawnAs } from '#server/db/embedded/postgres-account.ts';
import { connectionTo, name } from '#server/db/embedded/postgres-connection.ts';
import { startServer } from '#server/db/embedded/postgres-server.ts';

export interface SystemPostgres extends AsyncDisposable {
  connection: pg.PoolConfig;
  /** The folder of its programs, such as `pg_dump`. */
  bin: string;
}

const installed = '/usr/lib/postgresql';

/** Starts the PostgreSQL of this machine, as operators have it, on a new cluster; disposing stops and removes it. */
export async function startSystemPostgres(): Promise<SystemPostgres> {
  const major = (await readdir(installed).catch((): string[] => [])).toSorted((a, b) => Number(b) - Number(a))[0];
  if (!major) throw new Error('PostgreSQL is not installed. On Debian or Ubuntu: apt-get install postgresql');
  const bin = path.join(installed, major, 'bin');
  const binaries = { postgres: path.join(bin, 'postgres'), initdb: path.join(bin, 'initdb'), major };
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'runlight-system-pg-'));
  const cluster = path.join(dataDir, 'cluster');
  const account = await choosePostgresAccount(binaries, dataDir, cluster);
  await handOver(dataDir, account);
  const args = ['-D', cluster, '-U', name, '--auth=trust', '--no-sync', '--no-instructions', '--encoding=UTF8'];
  const ended = await endOf(spawnAs(account, binaries.initdb, args, { stdio: 'ignore' }));
  if (ended !== 'code 0') throw new Error(`initdb of PostgreSQL ${major} ended with ${ended}`);
  const server = await startServer({
    cluster,
    dataDir,
    socketDirectory: dataDir,
    binaries,
    account,
    logger: { info() {}, warn() {} },
    onUnexpectedEnd() {},
  });
  return {
    connection: connectionTo(server, name),
    bin,
    async [Symbol.asyncDispose]() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
