import { mkdtemp, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { type PostgresAccount, endOf, handOver, programError, spawnAs } from './postgres-account.ts';
import { type PostgresBinaries, useOwnServer } from './postgres-binaries.ts';
import { name } from './postgres-connection.ts';
import type { Logger } from '#server/lib/logger.ts';

/** Creates the cluster under another name and renames it, so that an interrupted start leaves no partial cluster. */
export async function ensureCluster(
  cluster: string,
  binaries: PostgresBinaries,
  account: PostgresAccount,
  logger: Logger,
): Promise<void> {
  const dataDir = path.dirname(cluster);
  const draftPrefix = 'postgres.new-';
  for (const entry of await readdir(dataDir)) {
    // An initdb that outlived its parent may still write there; then a later start removes the directory.
    if (entry.startsWith(draftPrefix)) {
      await rm(path.join(dataDir, entry), { recursive: true, force: true }).catch((error: unknown) => {
        logger.warn({ err: error }, 'Could not remove an unfinished cluster');
      });
    }
  }
  const version = await readVersion(cluster);
  if (version === binaries.major) return handOver(cluster, account);
  if (version !== undefined) {
    throw new Error(
      `${cluster} was made by Postgres ${version}, but this Runlight brings Postgres ${binaries.major}. ` +
        `Move the data with pg_dump and psql of Postgres ${version}, or set DATA_DIR to a new directory. ${useOwnServer}`,
    );
  }
  if (!(await isFree(cluster))) {
    throw new Error(
      `${cluster} exists and is not a Postgres cluster. Move it away, or set DATA_DIR to another directory.`,
    );
  }
  const startedAt = performance.now();
  const draft = await mkdtemp(path.join(dataDir, draftPrefix));
  await handOver(draft, account);
  await initCluster(draft, binaries, account);
  await rename(draft, cluster);
  await syncDirectory(dataDir);
  logger.info({ cluster, durationMs: Math.round(performance.now() - startedAt) }, 'Made a new database cluster');
}

async function readVersion(cluster: string): Promise<string | undefined> {
  try {
    return (await readFile(path.join(cluster, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

async function isFree(cluster: string): Promise<boolean> {
  try {
    return (await readdir(cluster)).length === 0;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    if (code === 'ENOTDIR') return false;
    throw error;
  }
}

async function initCluster(directory: string, binaries: PostgresBinaries, account: PostgresAccount): Promise<void> {
  const child = spawnAs(
    account,
    binaries.initdb,
    // prettier-ignore
    [
      '-D', directory, '-U', name, '--auth-local=trust', '--auth-host=reject', '--no-instructions',
      '--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8',
      // Defaults only: postgresql.conf is the operator's to change.
      '-c', 'max_connections=200', '-c', 'jit=off',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  // A program that could not be started may have no streams.
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  }
  const ended = await endOf(child);
  if (ended === 'code 0') return;
  await rm(directory, { recursive: true, force: true });
  throw programError('could not make its cluster', ended, output);
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
