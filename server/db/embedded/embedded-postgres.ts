import { mkdir, realpath } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage } from '#server/lib/errors.ts';
import { choosePostgresAccount } from './postgres-account.ts';
import { type PostgresBinaries, findPostgresBinaries, useOwnServer } from './postgres-binaries.ts';
import { type Holder, claimDirectory } from './postgres-claim.ts';
import { ensureCluster } from './postgres-cluster.ts';
import { type Connection, connectionTo, name } from './postgres-connection.ts';
import { adoptServer, startServer } from './postgres-server.ts';
import { openSocketDirectory } from './postgres-sockets.ts';
import type { Logger } from '#server/lib/logger.ts';

const restartAttempts = 10;
const restartAfterMs = 1_000;

export interface EmbeddedPostgres extends AsyncDisposable {
  /** For `new pg.Pool()`. `host` is the directory of the unix socket; the server does not listen on a network. */
  connection: Connection;
  /** An earlier process left this server running. */
  adopted: boolean;
  /** Process id of the current server. */
  readonly pid: number;
}

interface Options {
  dataDir: string;
  logger: Logger;
  /** The server ended unexpectedly and cannot be started again. */
  onLost?: (error: Error) => void;
}

/**
 * Runs a Postgres server on `<dataDir>/postgres` for this process alone; the first start creates the cluster. Throws an
 * error that names the cause and a way out, with nothing left running. Disposing ends the server's sessions, stops it and
 * frees the directory. After any other end of the process, the next start recovers. A server that ends unexpectedly is
 * started again at the same address.
 */
export async function startEmbeddedPostgres({ dataDir, logger, onLost }: Options): Promise<EmbeddedPostgres> {
  const binaries = await findPostgresBinaries();
  try {
    await mkdir(dataDir, { recursive: true });
    return await start(await realpath(dataDir), binaries, logger, onLost);
  } catch (error) {
    throw explainFileError(error, dataDir);
  }
}

async function start(
  dataDir: string,
  binaries: PostgresBinaries,
  logger: Logger,
  onLost: Options['onLost'],
): Promise<EmbeddedPostgres> {
  const cluster = path.join(dataDir, 'postgres');
  const account = await choosePostgresAccount(binaries, dataDir, cluster);
  const socketDirectory = await openSocketDirectory(dataDir, account.user?.uid ?? process.getuid!());
  const claim = await claimDirectory(socketDirectory);
  if ('holder' in claim) throw inUse(dataDir, claim.holder);
  try {
    await ensureCluster(cluster, binaries, account, logger);
    let isStopping = false;
    let restarting: Promise<void> | undefined;
    const startOwn = () =>
      startServer({
        cluster,
        dataDir,
        socketDirectory,
        binaries,
        account,
        logger,
        onUnexpectedEnd: () => void (restarting = restart()),
      });
    let server = (await adoptServer(cluster, account, logger)) ?? (await startOwn());

    async function restart(): Promise<void> {
      for (let attempt = 1; !isStopping; attempt += 1) {
        try {
          server = await startOwn();
          logger.info({ pid: server.pid }, 'The embedded Postgres was started again');
          return;
        } catch (error) {
          // Children of the dead server keep its shared memory until they notice that it has died.
          if (attempt === restartAttempts) return onLost?.(error as Error);
          await delay(restartAfterMs);
        }
      }
    }

    return {
      connection: connectionTo(server, name),
      adopted: server.adopted,
      get pid() {
        return server.pid;
      },
      async [Symbol.asyncDispose]() {
        isStopping = true;
        try {
          await restarting;
          await server.stop();
        } finally {
          await claim[Symbol.asyncDispose]();
        }
      },
    };
  } catch (error) {
    await claim[Symbol.asyncDispose]();
    throw error;
  }
}

function inUse(dataDir: string, { pid, host }: Holder): Error {
  const holder = pid === undefined ? 'a process that does not answer' : `process ${pid}`;
  const where = host === undefined || host === os.hostname() ? '' : ` on ${host}`;
  return new Error(
    `The data directory ${dataDir} is in use by another Runlight: ${holder}${where}. Stop that one, or set DATA_DIR to ` +
      `another directory, or set DATABASE_URL for both, so that they share a PostgreSQL server.`,
  );
}

function explainFileError(error: unknown, dataDir: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined || code === undefined) return error;
  const fault = code === 'ENOSPC' || code === 'EDQUOT' ? 'there is no space left' : `it cannot be used (${code})`;
  return new Error(
    `The data directory ${dataDir} is needed for the embedded Postgres, but ${fault}: ${errorMessage(error)}. ` +
      `Set DATA_DIR to a directory on a local disk that this user can write. ${useOwnServer}`,
    { cause: error },
  );
}
