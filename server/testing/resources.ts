import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest';
import { type Env, readEnv } from '#server/config/env.ts';
import type { S3Settings } from '#server/config/s3-settings.ts';
import type { OidcSettings } from '#server/config/oidc-settings.ts';
import type { RunLimits } from '#server/config/run-limits.ts';
import type { App } from '#server/http/app.ts';
import type { Limits } from '#server/http/limits.ts';
import { defaultProjectId } from '#server/identity/default-ids.ts';
import { type CloseStack, createCloseStack } from '#server/lib/close-stack.ts';
import type { ServiceOptions, Services } from '#server/open-services.ts';
import { start, type StartOptions } from '#server/start.ts';
import { createTestClient, type TestClient } from './client.ts';
import { databaseUrl } from './database-url.ts';
import { eventually } from './eventually.ts';

export interface TestSystemOptions {
  /** A database that the caller opened; default: a new one. */
  database?: pg.PoolConfig;
  /** Which bus and queue: Redis, or Postgres for both. */
  backend?: 'redis' | 'postgres';
  /** Another Redis than that of the test run, as an operator names it. */
  redis?: Record<string, string>;
  /** Executes runs, too. Without it, runs stay queued. */
  worker?: boolean;
  /** Limits of each run. */
  limits?: Partial<RunLimits>;
  runningCapacity?: number;
  queuedCapacity?: number;
  fallbackIntervalMs?: number;
  pingIntervalMs?: number;
  connectionTimeoutMs?: number;
  /** The address that people use, when a proxy stands in front. */
  publicUrl?: string;
  /** People sign up, instead of having the token; with these limits. */
  accounts?: Partial<Limits>;
  /** The bucket that it keeps files in. */
  s3?: S3Settings;
  /** Where people may sign in, too. */
  oidc?: OidcSettings;
  /** Proxies in front. */
  proxies?: number;
  /** More of the environment, as an operator writes it. */
  env?: Record<string, string>;
  /** Which code answers subscriptions. */
  subscriptions?: 'responder' | 'stock';
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
  /** The database, as node-postgres connects to it. */
  database: pg.PoolConfig;
  /** Its settings: another process of the same Runlight starts with them. */
  env: Env;
  routes: App['routes'];
  /** Closes the streams of `client`, and fails when the server goes on with one. */
  closeStreams(): Promise<void>;
  /** Cuts every open connection, as a proxy or a network may. */
  cutConnections(): void;
}

/** A database of its own, cloned from the migrated template or from another one; dropped on dispose. */
export async function testDatabase(
  template = inject('servers').template,
): Promise<{ connection: pg.PoolConfig } & AsyncDisposable> {
  const { postgres } = inject('servers');
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

/** A worker of the system, with services of its own like that of another process, until it is disposed of. */
export async function testWorker({ env }: TestSystem): Promise<AsyncDisposable> {
  return opened((stack) => startTest({ ...env, ROLES: new Set(['worker']) }, stack));
}

/**
 * A whole Runlight on a free port with a database and channels of its own, started as `main.ts` starts one. Disposing
 * closes it and fails when a stream was left open, a generator still runs without a client, or a channel was not released.
 */
export function testApp(options: TestSystemOptions = {}): Promise<TestSystem> {
  return opened((stack) => openSystem(options, stack));
}

/** One system for all tests of a block or file. As disposing does, the end of each test fails when a stream was left open. */
export function useTestApp(options: TestSystemOptions): () => TestSystem {
  let app: TestSystem;
  beforeAll(async () => {
    app = await testApp(options);
  });
  afterEach(() => app.closeStreams());
  afterAll(() => app[Symbol.asyncDispose]());
  return () => app;
}

/** What `open` answers; disposing closes all that it put on the stack. */
export async function opened<T extends object>(open: (stack: CloseStack) => Promise<T>): Promise<T & AsyncDisposable> {
  const stack = createCloseStack((error) => {
    throw error;
  });
  try {
    return { ...(await open(stack)), [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

function startTest(
  env: Env,
  stack: CloseStack,
  options: Pick<StartOptions, 'subscriptions' | 'oidcTimeoutMs' | 'clientDir' | 'sweeps'> = {},
) {
  return start(env, { logger: pino({ level: 'silent' }), stack, sweeps: false, ...options });
}

async function openSystem(options: TestSystemOptions, stack: CloseStack): Promise<Omit<TestSystem, symbol>> {
  const { worker = false } = options;
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'runlight-test-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  const clientDir = path.join(dataDir, 'client');
  await mkdir(clientDir);
  await writeFile(
    path.join(clientDir, 'index.html'),
    '<title>Runlight</title><script src="/a.js" nonce="__NONCE__"></script>',
  );
  const database = options.database ?? stack.use(await testDatabase()).connection;
  const env = testEnv(options, dataDir, database);
  const { services, serviceOptions, api } = await startTest(env, stack, {
    clientDir,
    // A worker's runs are repaired; a test that plays the worker has no heartbeat.
    sweeps: worker,
    ...(options.subscriptions && { subscriptions: options.subscriptions }),
    ...(options.oidc && { oidcTimeoutMs: options.oidc.timeoutMs }),
  });
  const { app, url } = api!;
  const token = api!.accessToken ?? env.AUTH_SECRET!;
  const headers = { authorization: `Bearer ${token}` };
  const client = createTestClient({ url, headers });
  // First to be closed: a stream that is still open is noticed.
  const closeStreams = async () => {
    client.closeStreams();
    await eventually(() => {
      expect(app.unfinishedStreams(), 'streams that were left open').toEqual([]);
      expect(services.hub.stats()).toMatchObject({ watchers: 0 });
    });
  };
  stack.defer(closeStreams);
  return {
    url,
    token,
    headers,
    client,
    services,
    projectId: defaultProjectId,
    dataDir,
    serviceOptions,
    database,
    env,
    routes: app.routes,
    closeStreams,
    cutConnections: () => app.fastify.server.closeAllConnections(),
  };
}

/** The settings that an operator would write for a system like this. */
function testEnv(options: TestSystemOptions, dataDir: string, database: pg.PoolConfig): Env {
  const { backend = 'redis', worker = false, redis, accounts, oidc, limits, s3 } = options;
  const { host, port } = testRedis();
  return {
    ...readEnv({
      DATA_DIR: dataDir,
      DATABASE_URL: databaseUrl(database),
      ...(backend === 'redis' && {
        REDIS_PREFIX: database.database,
        ...(redis ?? { REDIS_HOST: host, REDIS_PORT: String(port) }),
      }),
      ...options.env,
    }),
    ROLES: new Set(worker ? ['api', 'worker'] : ['api']),
    PORT: 0,
    WORKER_CONCURRENCY: 2,
    SHUTDOWN_TIMEOUT: 0,
    RUNNING_CAPACITY: options.runningCapacity ?? 5,
    QUEUED_CAPACITY: options.queuedCapacity ?? 50,
    SSE_FALLBACK_INTERVAL: options.fallbackIntervalMs ?? 30_000,
    SSE_PING_INTERVAL: options.pingIntervalMs ?? 10_000,
    SSE_CONNECTION_TIMEOUT: options.connectionTimeoutMs ?? 300_000,
    PUBLIC_URL: options.publicUrl,
    TRUST_PROXY: options.proxies ?? 0,
    ...(accounts && {
      BASE_URL: options.publicUrl ?? 'http://127.0.0.1',
      AUTH_SECRET: randomBytes(32).toString('base64url'),
      SANDBOX: 'auto' as const,
      STREAMS_PER_USER: accounts.streamsPerUser ?? 100,
      STREAMS_PER_ADDRESS: accounts.streamsPerAddress ?? 200,
      REQUESTS_PER_KEY: accounts.requestsPerKey ?? Infinity,
    }),
    ...(s3 && {
      ARTIFACTS_S3_BUCKET: s3.bucket,
      ARTIFACTS_S3_ENDPOINT: s3.endpoint,
      ARTIFACTS_S3_PREFIX: s3.prefix,
      ARTIFACTS_S3_SIGNED_SECONDS: s3.signedUrlSeconds,
    }),
    ...(oidc && {
      OIDC_ISSUER: oidc.issuer,
      OIDC_CLIENT_ID: oidc.clientId,
      OIDC_CLIENT_SECRET: oidc.clientSecret,
      OIDC_NAME: oidc.name,
      OIDC_TRUST_EMAIL: oidc.trustsEmail,
    }),
    ...(limits?.memoryBytes && { RUN_MAX_MEMORY_MB: limits.memoryBytes / 1e6 }),
    ...(limits?.processes && { RUN_MAX_PROCESSES: limits.processes }),
    ...(limits?.cpuSeconds && { RUN_MAX_CPU_SECONDS: limits.cpuSeconds }),
    ...(limits?.diskBytes && { RUN_MAX_DISK_MB: limits.diskBytes / 1e6 }),
    ...(limits?.fileBytes && { RUN_MAX_FILE_MB: limits.fileBytes / 1e6 }),
    ...(limits?.openFiles && { RUN_MAX_OPEN_FILES: limits.openFiles }),
    ...(limits?.outputBytes && { RUN_MAX_OUTPUT_MB: limits.outputBytes / 1e6 }),
    ...(limits?.cases && { RUN_MAX_CASES: limits.cases }),
  };
}
