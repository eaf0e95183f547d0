import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage } from '#server/lib/errors.ts';
import { type PostgresAccount, endOf, programError, spawnAs } from './postgres-account.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { ensureDatabase, readServerPid } from './postgres-connection.ts';
import { findServerProcess, releasePidFile, stopServerProcess } from './postgres-process.ts';
import type { Logger } from '#server/lib/logger.ts';

export interface Server {
  pid: number;
  host: string;
  port: number;
  adopted: boolean;
  stop(): Promise<void>;
}

/** Long, because Postgres replays its log after a crash. */
const startTimeoutMs = 300_000;
const maxLogBytes = 10_000_000;
const port = 5432;

/**
 * Waits until the server of an earlier process is usable, or gone (undefined). A server that ends with its parent is
 * stopped.
 */
export async function adoptServer(
  cluster: string,
  account: PostgresAccount,
  logger: Logger,
): Promise<Server | undefined> {
  const deadline = performance.now() + startTimeoutMs;
  for (;;) {
    const found = await findServerProcess(cluster);
    if (!found) return undefined;
    if (account.endsWithParent) {
      await stopServerProcess(found.pid, cluster);
      continue;
    }
    const server: Server = {
      pid: found.pid,
      host: found.socketDirectory,
      port: found.port,
      adopted: true,
      stop: () => stopServerProcess(found.pid, cluster),
    };
    try {
      if (path.isAbsolute(server.host) && (await readServerPid(server)) === found.pid) {
        await ensureDatabase(server);
        logger.info({ pid: found.pid }, 'Adopted the Postgres server that an earlier process left running');
        return server;
      }
    } catch (error) {
      if (!isTransient(error)) throw unreachable(found.pid, cluster, error);
    }
    if (performance.now() > deadline) throw unreachable(found.pid, cluster);
    await delay(10);
  }
}

function unreachable(pid: number, cluster: string, cause?: unknown): Error {
  return new Error(
    `Process ${pid} is a Postgres server on ${cluster} that cannot be used` +
      `${cause === undefined ? '' : `: ${errorMessage(cause)}`}. Stop it with "kill -INT ${pid}", then start again.`,
    { cause },
  );
}

/** Starts the server as our child and waits until it answers. If it fails, throws an error with the end of its log. */
export async function startServer(options: {
  cluster: string;
  dataDir: string;
  socketDirectory: string;
  binaries: PostgresBinaries;
  account: PostgresAccount;
  logger: Logger;
  /** The server ended without being stopped. */
  onUnexpectedEnd(): void;
}): Promise<Server> {
  const { cluster, dataDir, socketDirectory, binaries, account, logger } = options;
  await releasePidFile(cluster);
  for (const file of [`.s.PGSQL.${port}`, `.s.PGSQL.${port}.lock`]) {
    await rm(path.join(socketDirectory, file), { force: true });
  }
  const logPath = path.join(dataDir, 'postgres.log');
  const log = await openLog(logPath);
  const logStart = (await log.stat()).size;
  const child = spawnAs(account, binaries.postgres, ['-D', cluster, ...settings(socketDirectory)], {
    cwd: cluster,
    stdio: ['ignore', log.fd, log.fd],
    // Ctrl-C in a terminal must not reach the server: we stop it after our last query.
    detached: true,
  });
  child.unref();
  let state: 'starting' | 'ready' | 'stopping' = 'starting';
  let ended: string | undefined;
  const end = endOf(child).then((how) => {
    ended = how;
    if (state !== 'ready') return;
    logger.warn({ ended, log: logPath }, 'The embedded Postgres ended unexpectedly');
    options.onUnexpectedEnd();
  });
  await log.close();
  try {
    const pid = child.pid;
    if (pid === undefined) {
      await end;
      throw new Error(ended);
    }
    const server: Server = {
      pid,
      host: socketDirectory,
      port,
      adopted: false,
      async stop() {
        state = 'stopping';
        if (ended === undefined) await stopServerProcess(pid, cluster);
      },
    };
    await untilReady(server, () => ended, logger);
    state = 'ready';
    return server;
  } catch (error) {
    if (child.pid !== undefined && ended === undefined) await stopServerProcess(child.pid, cluster);
    const output = await text(createReadStream(logPath, { start: logStart }));
    const how = ended ?? errorMessage(error);
    throw programError(`does not start on ${cluster}`, how, output, { logPath, cause: error });
  }
}

/** Settings that take precedence over postgresql.conf. */
function settings(socketDirectory: string): string[] {
  return Object.entries({
    listen_addresses: '',
    port,
    unix_socket_directories: `"${socketDirectory.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
    logging_collector: 'off',
    log_destination: 'stderr',
    cluster_name: 'runlight',
  }).flatMap(([setting, value]) => ['-c', `${setting}=${value}`]);
}

async function untilReady(server: Server, ended: () => string | undefined, logger: Logger): Promise<void> {
  const startedAt = performance.now();
  let announced = false;
  for (;;) {
    try {
      return await ensureDatabase(server);
    } catch (error) {
      const waitedMs = performance.now() - startedAt;
      if (ended() !== undefined || !isTransient(error) || waitedMs > startTimeoutMs) throw error;
      if (waitedMs > 5_000 && !announced) {
        announced = true;
        logger.info({ pid: server.pid }, 'Postgres is still starting; after a crash it first recovers its data');
      }
    }
    await delay(10);
  }
}

function isTransient(error: unknown): boolean {
  const cannotConnectNow = '57P03';
  const adminShutdown = '57P01';
  const { code, message } = error as NodeJS.ErrnoException;
  return (
    ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EAGAIN', cannotConnectNow, adminShutdown].includes(code ?? '') ||
    // node-postgres gives these errors no code.
    /^Connection terminated|^timeout expired/.test(message)
  );
}

async function openLog(logPath: string): Promise<FileHandle> {
  const log = await open(logPath, 'a', 0o600);
  if ((await log.stat()).size < maxLogBytes) return log;
  await log.close();
  await rename(logPath, `${logPath}.1`);
  return open(logPath, 'a', 0o600);
}
