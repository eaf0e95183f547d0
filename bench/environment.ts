import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import type pg from 'pg';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import type { CloseStack } from '#server/lib/close-stack.ts';
import { createDatabase, type Database } from '#server/db/database.ts';
import { startEmbeddedPostgres } from '#server/db/embedded/embedded-postgres.ts';
import { migrate } from '#server/db/migrate.ts';
import { defaultProjectId } from '#server/identity/default-ids.ts';
import { startRedis } from '#server/testing/redis.ts';

export interface Environment {
  database: pg.PoolConfig;
  redisPort: number;
  db: Database;
  /** For publishing, and for asking Redis about itself. */
  redis: Redis;
  /** Makes runs that are under way, and stay so. */
  createRuns(count: number): Promise<string[]>;
  /** How many connections Redis has. */
  redisConnections(): Promise<number>;
}

/** Starts a Postgres and a Redis of the benchmark's own; `stack` closes them. */
export async function openEnvironment(stack: CloseStack): Promise<Environment> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'runlight-bench-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  const logger = pino({ level: 'silent' });
  const { connection: database } = stack.use(await startEmbeddedPostgres({ dataDir, logger }));
  const { port: redisPort } = stack.use(await startRedis({ args: ['--maxclients', '15000'] }));
  const { db, destroy } = createDatabase(database);
  stack.defer(destroy);
  await migrate(db);
  const redis = new Redis(redisPort, '127.0.0.1', { maxRetriesPerRequest: null });
  stack.defer(() => redis.disconnect());
  const jobId = uuidv7();
  await db
    .insertInto('jobs')
    .values({ id: jobId, projectId: defaultProjectId, name: 'Checkout', schedule: null })
    .execute();
  return {
    database,
    redisPort,
    db,
    redis,
    createRuns: (count) => createRuns(db, jobId, count),
    async redisConnections() {
      const clients = (await redis.client('LIST')) as string;
      return clients.trim().split('\n').length;
    },
  };
}

async function createRuns(db: Database, jobId: string, count: number): Promise<string[]> {
  const now = new Date().toISOString();
  const runs = Array.from({ length: count }, (_, index) => ({
    id: uuidv7(),
    projectId: defaultProjectId,
    kind: 'job' as const,
    testId: null,
    jobId,
    name: 'Checkout',
    status: 'running' as const,
    activitySeq: index + 1,
    trigger: 'manual' as const,
    queuedAt: now,
    startedAt: now,
    total: 24,
  }));
  await db.insertInto('runs').values(runs).execute();
  return runs.map((run) => run.id);
}
