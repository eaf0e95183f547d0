import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { expect, inject, vi } from 'vitest';
import { createAccountDoors } from '#server/auth/account-authenticator.ts';
import type { Limits } from '#server/http/limits.ts';
import type { OidcSettings } from '#server/config/oidc-settings.ts';
import { addressOf } from '#server/http/client-address.ts';
import { createTokenDoors } from '#server/auth/token-authenticator.ts';
import { type App, createApp } from '#server/http/app.ts';
import { removeOldAuditEvents } from '#server/audit/queries.ts';
import { type CloseStack, createCloseStack } from '#server/lib/close-stack.ts';
import { syncSchedules } from '#server/jobs/sync-schedules.ts';
import { openServices, queueBackend, type ServiceOptions, type Services } from '#server/open-services.ts';
import type { RedisAddress } from '#server/config/redis-address.ts';
import { defaultProjectId } from '#server/identity/default-ids.ts';
import { removeOldRuns } from '#server/maintenance/retention.ts';
import { createLocalArtifactStore } from '#server/artifacts/artifact-store.ts';
import { findBrowser } from '#server/execution/playwright/browser.ts';
import { compiledCodeDir } from '#server/execution/playwright/compiled-code.ts';
import { describeContainment } from '#server/execution/sandbox/containment.ts';
import type { RunLimits } from '#server/config/run-limits.ts';
import { detectSandbox } from '#server/execution/sandbox/sandbox.ts';
import { startWorker } from '#server/execution/start-worker.ts';
import { startSweeper } from '#server/maintenance/sweeper.ts';
import { createTestClient, type TestClient } from './client.ts';

export interface TestSystemOptions {
  /** Which bus and queue: Redis, or Postgres for both. */
  backend?: 'redis' | 'postgres';
  /** Another Redis than that of the test run. */
  redis?: RedisAddress;
  /** Executes runs, too. Without it, runs stay queued. */
  worker?: boolean;
  /** What each run may take. */
  limits?: Partial<RunLimits>;
  runningCapacity?: number;
  queuedCapacity?: number;
  fallbackIntervalMs?: number;
  pingIntervalMs?: number;
  /** The address that people use, when a proxy stands in front. */
  publicUrl?: string;
  /** People sign up, instead of having the token; with these limits. */
  accounts?: Partial<Limits>;
  /** Where people may sign in, too. */
  oidc?: OidcSettings;
  /** In front of it. */
  proxies?: number;
  /** Who answers subscriptions. */
  subscriptions?: 'responder' | 'stock';
  connectionTimeoutMs?: number;
}

export interface TestSystem extends AsyncDisposable {
  url: string;
  /** What opens its door. */
  token: string;
  /** What requests send to get in. */
  headers: { authorization: string };
  /** Talks to it over HTTP, as users do. */
  client: TestClient;
  services: Services;
  projectId: string;
  dataDir: string;
  serviceOptions: ServiceOptions;
  routes: App['routes'];
  /** Cuts every open connection, as a proxy or a network may. */
  cutConnections(): void;
}

/** A database of its own, cloned from the migrated template; dropped on dispose. */
export async function testDatabase(): Promise<{ connection: pg.PoolConfig } & AsyncDisposable> {
  const { postgres, template } = inject('servers');
  const database = `test_${randomBytes(6).toString('hex')}`;
  const admin = async (statement: string) => {
    const client = new pg.Client(postgres);
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  await admin(`create database ${database} template ${template}`);
  return {
    connection: { ...postgres, database },
    [Symbol.asyncDispose]: () => admin(`drop database ${database} with (force)`),
  };
}

/** The Redis of this test run. */
export function testRedis(): { host: string; port: number } {
  return { host: '127.0.0.1', port: inject('servers').redisPort };
}

/** A worker of the system, in this process, until it is disposed of. */
export async function testWorker({
  services,
  serviceOptions,
  dataDir,
  url,
  limits = {},
}: Pick<TestSystem, 'services' | 'serviceOptions' | 'dataDir' | 'url'> & {
  limits?: Partial<RunLimits> | undefined;
}): Promise<AsyncDisposable> {
  const stack = createCloseStack((error) => {
    throw error;
  });
  try {
    await startWorker(
      {
        services,
        backend: queueBackend(serviceOptions),
        concurrency: 2,
        version: '1.2.3',
        artifacts: createLocalArtifactStore({ dir: path.join(dataDir, 'artifacts') }),
        sandbox: await detectSandbox({ mode: 'auto', logger: services.logger, hidden: [dataDir] }),
        browser: findBrowser({}),
        compiledCode: compiledCodeDir(),
        video: false,
        limits,
        env: { RUNLIGHT_URL: url },
        finishWithinMs: 0,
      },
      stack,
    );
    return stack;
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * A whole Runlight on a free port with a database and channels of its own. Disposing closes it and fails when a
 * stream was left open or a channel was not released.
 */
export async function testApp(options: TestSystemOptions = {}): Promise<TestSystem> {
  const stack = createCloseStack((error) => {
    throw error;
  });
  try {
    return await openSystem(options, stack);
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

async function openSystem(options: TestSystemOptions, stack: CloseStack): Promise<TestSystem> {
  const { backend = 'redis', worker = false } = options;
  const logger = pino({ level: 'silent' });
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'runlight-test-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  const artifactsDir = path.join(dataDir, 'artifacts');
  await mkdir(artifactsDir);
  const clientDir = path.join(dataDir, 'client');
  await mkdir(clientDir);
  await writeFile(
    path.join(clientDir, 'index.html'),
    '<title>Runlight</title><script src="/a.js" nonce="__NONCE__"></script>',
  );
  const database = stack.use(await testDatabase());
  const serviceOptions: ServiceOptions = {
    database: database.connection,
    ...(backend === 'redis' && { redis: options.redis ?? testRedis(), namespace: database.connection.database! }),
    capacities: { runningCapacity: options.runningCapacity ?? 5, queuedCapacity: options.queuedCapacity ?? 50 },
    fallbackIntervalMs: options.fallbackIntervalMs ?? 30_000,
    secretKey: randomBytes(32),
    logger,
  };
  const services = await openServices(serviceOptions, stack);
  const token = randomBytes(32).toString('base64url');
  const headers = { authorization: `Bearer ${token}` };
  const fromAddress = (req: IncomingMessage) => addressOf(req, options.proxies ?? 0);
  const app = await createApp({
    services,
    sse: {
      pingIntervalMs: options.pingIntervalMs ?? 10_000,
      connectionTimeoutMs: options.connectionTimeoutMs ?? 300_000,
    },
    ...(options.subscriptions && { subscriptions: options.subscriptions }),
    containment: worker
      ? describeContainment(await detectSandbox({ mode: 'auto', logger, hidden: [dataDir] }))
      : undefined,
    doors:
      options.accounts === undefined
        ? createTokenDoors({
            token,
            projectId: defaultProjectId,
            publicUrl: options.publicUrl,
            addressOf: fromAddress,
            attempts: services.attempts,
          })
        : createAccountDoors({
            db: services.db,
            baseUrl: options.publicUrl ?? 'http://127.0.0.1',
            secret: token,
            oidc: options.oidc,
            logger,
            addressOf: fromAddress,
            attempts: services.attempts,
          }),
    addressOf: fromAddress,
    limits: { streamsPerUser: 100, streamsPerAddress: 200, requestsPerKey: Infinity, ...options.accounts },
    recheckIntervalMs: serviceOptions.fallbackIntervalMs,
    artifactsDir,
    clientDir,
  });
  stack.defer(() => app.close(0));
  await app.fastify.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(app.fastify.server.address() as AddressInfo).port}`;
  if (worker) {
    const artifacts = createLocalArtifactStore({ dir: artifactsDir });
    stack.use(
      startSweeper({
        ...services,
        syncSchedules: () => syncSchedules(services),
        async removeOld() {
          await removeOldAuditEvents(services.db, 365);
          await removeOldRuns({ db: services.db, artifacts }, 30);
        },
      }),
    );
    stack.use(await testWorker({ services, serviceOptions, dataDir, url, limits: options.limits }));
  }
  const client = createTestClient({ url, headers });
  // First to go: whoever still watches is told of.
  stack.defer(async () => {
    client.closeStreams();
    await vi.waitFor(() => expect(services.hub.stats()).toMatchObject({ watchers: 0 }), { timeout: 5_000 });
  });
  return {
    url,
    token,
    headers,
    client,
    services,
    projectId: defaultProjectId,
    dataDir,
    serviceOptions,
    routes: app.routes,
    cutConnections: () => app.fastify.server.closeAllConnections(),
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}
