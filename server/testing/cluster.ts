import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import { pino } from 'pino';
import { createCloseStack } from '#server/lib/close-stack.ts';
import { openServices, type Services } from '#server/open-services.ts';
import { databaseUrl } from './database-url.ts';
import { type RunlightProcess, startRunlight } from './process.ts';
import { redisOf, startRedis, type TestRedis } from './redis.ts';
import { testDatabase } from './resources.ts';

export interface TestCluster extends AsyncDisposable {
  /** The Redis that the cluster has started for itself. */
  redis: TestRedis | undefined;
  /** Of this process: to write runs with. */
  services: Services;
  /** Services of their own, like another process. */
  openServices(): Promise<Services>;
  /** Of its processes. */
  env: Record<string, string>;
  /** A process that answers users. Ends with the cluster at the latest. */
  startApi(env?: Record<string, string>): Promise<RunlightProcess>;
}

/** Several processes on one database, by default a new one, and one bus. Runs are queued, and no worker executes them. */
export async function testCluster(options: {
  bus: 'redis' | 'postgres';
  database?: pg.PoolConfig;
  /** Another Redis than one of its own, as an operator names it. */
  redis?: Record<string, string>;
}): Promise<TestCluster> {
  const logger = pino({ level: 'silent' });
  const stack = createCloseStack((error) => {
    throw error;
  });
  try {
    const dataDir = await mkdtemp(path.join(os.tmpdir(), 'runlight-test-'));
    stack.defer(() => rm(dataDir, { recursive: true, force: true }));
    const database = options.database ?? stack.use(await testDatabase()).connection;
    const redis = options.bus === 'redis' && !options.redis ? stack.use(await startRedis()) : undefined;
    const redisEnv = options.redis ?? redis?.env;
    const open = () =>
      openServices(
        {
          database,
          redis: redisEnv && redisOf(redisEnv),
          capacities: { runningCapacity: 5, queuedCapacity: 1_000 },
          fallbackIntervalMs: 30_000,
          secretKey: randomBytes(32),
          logger,
        },
        stack,
      );
    const env = {
      DATABASE_URL: databaseUrl(database),
      ...redisEnv,
      ROLES: 'api',
      QUEUED_CAPACITY: '1000',
      DATA_DIR: dataDir,
    };
    return {
      env,
      redis,
      services: await open(),
      openServices: open,
      startApi: async (more) => stack.use(await startRunlight({ ...env, ...more })),
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}
