import { mkdir, readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import pretty from 'pino-pretty';
import { chooseDoors } from '#server/auth/choose-authenticator.ts';
import { addressOf } from '#server/http/client-address.ts';
import { createApp } from '#server/http/app.ts';
import { removeOldAuditEvents } from '#server/audit/queries.ts';
import { type CloseStack, createCloseStack } from '#server/lib/close-stack.ts';
import { startEmbeddedPostgres } from '#server/db/embedded/embedded-postgres.ts';
import { seedDemo } from '#server/demo/seed-demo.ts';
import { type Env, openServers, readEnv, redisAddress, runLimits, sandboxMode } from '#server/config/env.ts';
import { errorMessage } from '#server/lib/errors.ts';
import { syncSchedules } from '#server/jobs/sync-schedules.ts';
import { openServices, queueBackend, type ServiceOptions, type Services } from './open-services.ts';
import { defaultProjectId } from '#server/identity/default-ids.ts';
import { removeOldRuns } from '#server/maintenance/retention.ts';
import { loadSecretKey } from '#server/variables/secret-box.ts';
import { createLocalArtifactStore } from '#server/artifacts/artifact-store.ts';
import { type Browser, findBrowser } from '#server/execution/playwright/browser.ts';
import { compiledCodeDir, findCompiledCode } from '#server/execution/playwright/compiled-code.ts';
import { describeContainment } from '#server/execution/sandbox/containment.ts';
import { detectSandbox, type Sandbox } from '#server/execution/sandbox/sandbox.ts';
import { playwrightModules } from '#server/execution/playwright/playwright-modules.ts';
import { startWorker } from '#server/execution/start-worker.ts';
import { endLostRuns, enqueueForgottenRuns, startSweeper } from '#server/maintenance/sweeper.ts';
import { removeSilentWorkers } from '#server/workers/queries.ts';

/** Connections that may wait to be accepted: as many as may come back at once when another process has gone. */
const backlog = 4_096;

/** Over how long streams end when the process is asked to go, in ms, so that their clients do not return all at once. */
const drainMs = 3_000;

/** How long closing may take, beyond what running tests are given, before the process ends anyway, in ms. */
const closeWithinMs = 20_000;

/** `npm start` passes on an interrupt that the terminal has sent to this process, too: within this, in ms, they are one. */
const echoMs = 1_000;

/** The folder of package.json, whether this is dist/server/main.js or server/main.ts. */
const appDir = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '..' : '../..', import.meta.url));

async function main() {
  let env: Env;
  try {
    env = readEnv();
  } catch (error) {
    process.stderr.write(`Runlight could not start: ${errorMessage(error)}\n`);
    process.exit(1);
  }
  const logger = pino(
    { level: env.LOG_LEVEL },
    process.stdout.isTTY ? pretty({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }) : undefined,
  );
  const stack = createCloseStack((error) => logger.error({ err: error }, 'could not close cleanly'));

  async function close(exitCode: number): Promise<never> {
    setTimeout(() => process.exit(1), env.SHUTDOWN_TIMEOUT + closeWithinMs).unref();
    await stack[Symbol.asyncDispose]();
    process.exit(exitCode);
  }
  /** The first signal lets what runs come to its end, the second stops it, the third does not even write that down. */
  let signals = 0;
  let interruptedAt = -Infinity;
  const hurry = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      const isEcho = signal === 'SIGINT' && performance.now() - interruptedAt < echoMs;
      if (isEcho) return;
      if (signal === 'SIGINT') interruptedAt = performance.now();
      signals += 1;
      if (signals > 2) process.exit(1);
      if (signals === 2) return hurry.abort();
      logger.info({ signal }, 'stopping');
      void close(0);
    });

  try {
    await start(env, logger, stack, hurry.signal);
  } catch (error) {
    if (signals > 0) return;
    process.stderr.write(`Runlight could not start: ${errorMessage(error)}\n`);
    logger.debug({ err: error }, 'why it could not start');
    await close(1);
  }
}

async function start(env: Env, logger: pino.Logger, stack: CloseStack, hurry: AbortSignal): Promise<void> {
  const artifactsDir = path.join(env.DATA_DIR, 'artifacts');
  await mkdir(artifactsDir, { recursive: true });
  const redis = redisAddress(env);
  const embedded =
    env.DATABASE_URL === undefined
      ? stack.use(
          await startEmbeddedPostgres({
            dataDir: env.DATA_DIR,
            logger,
            onLost(error) {
              logger.fatal({ err: error }, 'Runlight ends: its embedded PostgreSQL has ended and does not start again');
              process.exit(1);
            },
          }),
        )
      : undefined;
  const options: ServiceOptions = {
    database: embedded?.connection ?? { connectionString: env.DATABASE_URL },
    redis,
    capacities: { runningCapacity: env.RUNNING_CAPACITY, queuedCapacity: env.QUEUED_CAPACITY },
    fallbackIntervalMs: env.SSE_FALLBACK_INTERVAL,
    secretKey: await loadSecretKey({ authSecret: env.AUTH_SECRET, dataDir: env.DATA_DIR }),
    logger,
  };
  const services = await openServices(options, stack);
  const browser = findBrowser({ path: env.BROWSER_PATH });
  if (embedded) await settleAfterCrash(services);
  if (env.DEMO ?? embedded !== undefined) await seedDemo(services.db, defaultProjectId, browser !== undefined);

  const sandbox = env.ROLES.has('worker') ? await findSandbox(env, browser, logger) : undefined;
  const containment = sandbox && describeContainment(sandbox);
  if (sandbox?.network === 'host') warnOfOpenServers(env, logger);
  let url = env.PUBLIC_URL ?? env.BASE_URL;
  /** What people open; the token in it opens the door. */
  let entrance = url;
  if (env.ROLES.has('api')) {
    const fromAddress = (req: IncomingMessage) => addressOf(req, env.TRUST_PROXY);
    const { doors, token } = await chooseDoors({ env, services, addressOf: fromAddress });
    const app = await createApp({
      services,
      sse: { pingIntervalMs: env.SSE_PING_INTERVAL, connectionTimeoutMs: env.SSE_CONNECTION_TIMEOUT },
      doors,
      addressOf: fromAddress,
      limits: {
        streamsPerUser: env.STREAMS_PER_USER,
        streamsPerAddress: env.STREAMS_PER_ADDRESS,
        // Whoever has the token of a Runlight without accounts has it all.
        requestsPerKey: token === undefined ? env.REQUESTS_PER_KEY : Infinity,
      },
      recheckIntervalMs: env.SSE_FALLBACK_INTERVAL,
      artifactsDir,
      containment,
      clientDir: path.join(appDir, 'dist/client'),
    });
    stack.defer(() => app.close(drainMs));
    const address = await app.fastify
      .listen({ host: env.HOST, port: env.PORT, backlog })
      .catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRINUSE') throw error;
        throw new Error(`Port ${env.PORT} of ${env.HOST} is taken. Set PORT to a free one, or stop what uses it.`);
      });
    url ??= address;
    entrance = token === undefined ? env.BASE_URL : `${url.replace(/\/$/, '')}/?token=${token}`;
  }
  const artifacts = createLocalArtifactStore({ dir: artifactsDir });
  stack.use(
    startSweeper({
      ...services,
      syncSchedules: () => syncSchedules(services),
      async removeOld() {
        await removeOldAuditEvents(services.db, env.AUDIT_RETENTION_DAYS);
        await removeOldRuns({ db: services.db, artifacts }, env.RETENTION_DAYS);
      },
    }),
  );
  if (sandbox) {
    const limits = runLimits(env);
    await startWorker(
      {
        services,
        backend: queueBackend(options),
        concurrency: env.WORKER_CONCURRENCY,
        version: await readVersion(),
        artifacts,
        sandbox,
        browser,
        compiledCode: await findCompiledCode({ dir: compiledCodeDir(limits.heapMb), logger }),
        video: env.RECORD_VIDEO,
        limits,
        env: url ? { RUNLIGHT_URL: url } : {},
        finishWithinMs: env.SHUTDOWN_TIMEOUT,
        hurry,
      },
      stack,
    );
    logger.info(
      { ...containment, browser: browser?.executablePath ?? 'none', concurrency: env.WORKER_CONCURRENCY },
      'executing runs',
    );
  }
  logger.info(
    {
      roles: [...env.ROLES].join(','),
      database: embedded ? 'embedded' : 'DATABASE_URL',
      bus: services.bus.kind,
      queue: queueBackend(options).kind,
    },
    env.ROLES.has('api') ? `Runlight is ready at ${entrance}` : 'Runlight is ready',
  );
}

/** What keeps runs in their place here. */
function findSandbox(env: Env, browser: Browser | undefined, logger: pino.Logger): Promise<Sandbox> {
  return detectSandbox({
    mode: sandboxMode(env),
    network: env.SANDBOX_NETWORK,
    logger,
    hidden: [env.DATA_DIR, appDir],
    readOnly: [...playwrightModules().map(({ dir }) => dir), ...(browser?.readOnly ?? [])],
  });
}

/** Tests have the network of the worker. */
function warnOfOpenServers(env: Env, logger: pino.Logger): void {
  const servers = openServers(env);
  if (servers.length === 0) return;
  logger.warn(
    `Tests can reach ${servers.join(' and ')}, where no password is asked for: whoever writes a test could forge the status of any run, or start one. Set a password there and in the address, or give tests no network but their own with SANDBOX_NETWORK=none.`,
  );
}

async function readVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(path.join(appDir, 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** Nobody else works on runs of a database that is ours alone, so what a crash left behind need not be waited for. */
async function settleAfterCrash(services: Services): Promise<void> {
  await services.runQueue.clear();
  await endLostRuns(services, 0);
  await removeSilentWorkers(services, 0);
  await enqueueForgottenRuns(services, 0);
}

await main();
