import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import type { TestProject } from 'vitest/node';
import { createCloseStack } from '#server/lib/close-stack.ts';
import { startEmbeddedPostgres } from '#server/db/embedded/embedded-postgres.ts';
import { openServices } from '#server/open-services.ts';
import { compilePlaywright } from '#server/execution/playwright/compile-playwright.ts';
import { startRedis } from './redis.ts';

/** What every test file gets: servers of its own run, and a migrated database to clone. */
export interface TestServers {
  postgres: { host: string; port: number; user: string; database: string };
  template: string;
  redisPort: number;
}

declare module 'vitest' {
  export interface ProvidedContext {
    servers: TestServers;
  }
}

/** Starts one Postgres and one Redis for all test files, and stops them afterwards. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const logger = pino({ level: 'silent' });
  const stack = createCloseStack((error) => console.error(error));
  await compilePlaywright();
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'runlight-test-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  try {
    const { connection } = stack.use(await startEmbeddedPostgres({ dataDir, logger }));
    const redis = stack.use(await startRedis());

    const template = 'runlight_template';
    const client = new pg.Client(connection);
    await client.connect();
    await client.query(`create database ${template}`);
    await client.end();
    // Opening services brings our schema and BullMQ's up to date; a template must have no connections.
    const services = createCloseStack((error) => console.error(error));
    await openServices(
      {
        database: { ...connection, database: template },
        capacities: { runningCapacity: 5, queuedCapacity: 50 },
        fallbackIntervalMs: 30_000,
        secretKey: randomBytes(32),
        logger,
      },
      services,
    );
    await services[Symbol.asyncDispose]();
    project.provide('servers', { postgres: connection, template, redisPort: redis.port });
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
  return () => stack[Symbol.asyncDispose]();
}
