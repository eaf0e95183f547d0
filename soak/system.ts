import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { installEnvironment } from '#server/config/install-environment.ts';
import { createDatabase, type Database } from '#server/db/database.ts';
import { startEmbeddedPostgres } from '#server/db/embedded/embedded-postgres.ts';
import { findBrowser } from '#server/execution/playwright/browser.ts';
import type { CloseStack } from '#server/lib/close-stack.ts';
import type { ServerAccess } from '#server/testing/client.ts';
import { databaseUrl } from '#server/testing/database-url.ts';
import { freePort } from '#server/testing/free-port.ts';
import { type RunlightProcess, startRunlight } from '#server/testing/process.ts';
import { startRedis } from '#server/testing/redis.ts';

export const processNames = ['api-1', 'api-2', 'worker-1', 'worker-2'] as const;
export type ProcessName = (typeof processNames)[number];

export interface SoakSystem {
  processes: Record<ProcessName, RunlightProcess>;
  /** The API processes, in both orders, so that not all begin with the same one. */
  servers: readonly [ServerAccess, ServerAccess];
  db: Database;
  redis: Redis;
  /** Where processes of Runlight have their temporary files, and nothing else has any. */
  tmpDir: string;
  dataDir: string;
  /** Ends a process by this signal and starts it again. */
  restart(name: ProcessName, signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Takes a server away, and brings it back with nothing but what it keeps on disk. */
  withoutRedis(work: () => Promise<void>): Promise<void>;
  withoutPostgres(work: () => Promise<void>): Promise<void>;
}

/** A Postgres, a Redis, two API processes and two workers. `stack` ends them and removes their files. */
export async function startSystem(stack: CloseStack): Promise<SoakSystem> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'runlight-soak-'));
  stack.defer(() => rm(dir, { recursive: true, force: true, maxRetries: 10 }));
  const [tmpDir, dataDir, postgresDir] = ['tmp', 'data', 'db'].map((name) => path.join(dir, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [tmpDir, dataDir, postgresDir]) await mkdir(each);
  // Runs may have a user of their own.
  await chmod(dir, 0o755);
  await chmod(tmpDir, 0o1777);
  const logger = { info() {}, warn() {} };
  const startPostgres = () => startEmbeddedPostgres({ dataDir: postgresDir, logger });
  let postgres = await startPostgres();
  stack.defer(() => postgres[Symbol.asyncDispose]());
  const redisServer = stack.use(await startRedis());
  const browser = findBrowser({});

  const env = {
    DATABASE_URL: databaseUrl(postgres.connection),
    REDIS_URL: redisServer.url,
    DATA_DIR: dataDir,
    TMPDIR: tmpDir,
    RUNNING_CAPACITY: '4',
    WORKER_CONCURRENCY: '2',
    SHUTDOWN_TIMEOUT: '5000',
    SSE_FALLBACK_INTERVAL: '5000',
    ...(browser && { BROWSER_PATH: browser.executablePath }),
    ...installEnvironment(),
  };
  const ports = { 'api-1': String(await freePort()), 'api-2': String(await freePort()) };
  const start = (name: ProcessName) =>
    startRunlight(
      name === 'api-1' || name === 'api-2' ? { ...env, ROLES: 'api', PORT: ports[name] } : { ...env, ROLES: 'worker' },
    );
  const processes = {} as Record<ProcessName, RunlightProcess>;
  for (const name of processNames) processes[name] = await start(name);
  stack.defer(async () => {
    await Promise.all(processNames.map((name) => processes[name][Symbol.asyncDispose]()));
  });

  const { db, destroy } = createDatabase(postgres.connection, { max: 2, timeoutMs: 20_000 });
  stack.defer(destroy);
  const redis = new Redis(redisServer.port, '127.0.0.1', { maxRetriesPerRequest: 0, enableOfflineQueue: false });
  redis.on('error', () => {});
  stack.defer(() => redis.disconnect());

  const access = ({ url, headers }: RunlightProcess): ServerAccess => ({ url, headers });
  return {
    processes,
    servers: [access(processes['api-1']), access(processes['api-2'])],
    db,
    redis,
    tmpDir,
    dataDir,
    async restart(name, signal) {
      processes[name].kill(signal);
      await processes[name].exit;
      processes[name] = await start(name);
    },
    async withoutRedis(work) {
      await redisServer.stop();
      await work();
      await redisServer.start();
    },
    async withoutPostgres(work) {
      await postgres[Symbol.asyncDispose]();
      await work();
      postgres = await startPostgres();
    },
  };
}
