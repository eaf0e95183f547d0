import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import type { Logger } from 'pino';
import type { ArtifactStore } from '#server/artifacts/artifact-store.ts';
import { openArtifactStore } from '#server/artifacts/open-artifact-store.ts';
import { chooseAuthenticator } from '#server/auth/choose-authenticator.ts';
import { databaseLimits } from '#server/config/database-settings.ts';
import { defaultLimits } from '#server/config/run-limits.ts';
import { type Env, openServers, runLimits, s3Settings, sandboxMode } from '#server/config/env.ts';
import { installEnvironment, toolsPath } from '#server/config/install-environment.ts';
import { appDir, version } from '#server/config/installation.ts';
import { notificationSettings } from '#server/config/notification-settings.ts';
import { redisSettings } from '#server/config/redis-settings.ts';
import { startEmbeddedPostgres } from '#server/db/embedded/embedded-postgres.ts';
import { seedDemo } from '#server/demo/seed-demo.ts';
import { type Browser, findBrowser } from '#server/execution/playwright/browser.ts';
import { compiledCodeDir, findCompiledCode } from '#server/execution/playwright/compiled-code.ts';
import { playwrightModules } from '#server/execution/playwright/playwright-modules.ts';
import { type Containment, describeContainment } from '#server/execution/sandbox/containment.ts';
import { detectSandbox, type Sandbox } from '#server/execution/sandbox/sandbox.ts';
import { suiteFetcher } from '#server/execution/suites/suite-fetcher.ts';
import { suiteReporter } from '#server/execution/suites/suite-reporter.ts';
import { startWorker } from '#server/execution/start-worker.ts';
import { type App, createApp } from '#server/http/app.ts';
import { addressOf } from '#server/http/client-address.ts';
import { createMetrics, type MetricsPage } from '#server/http/metrics.ts';
import { createSharedLimits } from '#server/http/shared-limits.ts';
import { defaultProjectId } from '#server/identity/default-ids.ts';
import { makeUpStarts } from '#server/jobs/start-due-jobs.ts';
import { syncSchedules } from '#server/jobs/sync-schedules.ts';
import type { CloseStack } from '#server/lib/close-stack.ts';
import { createRemoval } from '#server/maintenance/remove-old.ts';
import { startRemover } from '#server/maintenance/remover.ts';
import { repeatSweeps } from '#server/maintenance/repeat-sweeps.ts';
import { startReportSweeper } from '#server/maintenance/report-sweeper.ts';
import { settleAfterCrash } from '#server/maintenance/settle-after-crash.ts';
import { startSweeper } from '#server/maintenance/sweeper.ts';
import { startNotifications } from '#server/notifications/start-notifications.ts';
import { metricsOfAll } from '#server/processes/all-metrics.ts';
import type { ToPrimary } from '#server/processes/messages.ts';
import { loadSecretKey } from '#server/variables/secret-box.ts';
import { openServices, queueBackend, type ServiceOptions, type Services } from './open-services.ts';
import { openTelemetry } from './open-telemetry.ts';

/** Connections that may wait to be accepted: as many as may come back at once when another process has gone. */
const backlog = 4_096;

export interface StartOptions {
  logger: Logger;
  /** Closes everything that was started, in reverse. */
  stack: CloseStack;
  /** Aborts when running tests shall be stopped at once, instead of getting `SHUTDOWN_TIMEOUT` to end. */
  forceStop?: AbortSignal;
  /** Tells the process that started this one among others, which says when all of them are ready. */
  tellPrimary?(message: ToPrimary): void;
  /** The embedded PostgreSQL has ended and does not start again. */
  onDatabaseLost?(error: Error): void;
  /** How long open streams are given to end one after the other when the process stops, in ms. */
  drainMs?: number;
  /** Which code answers subscriptions: our responder, or tRPC's own adapter, for comparison. */
  subscriptions?: 'responder' | 'stock';
  /** The built client; default: that of the build. */
  clientDir?: string;
  /** How long each answer of the OIDC provider may take, in ms. */
  oidcTimeoutMs?: number;
  /** False where a test plays the worker: a run of a worker without heartbeat is not ended. */
  sweeps?: boolean;
}

/** A started Runlight. */
export interface Runlight {
  services: Services;
  serviceOptions: ServiceOptions;
  /** With the role `api`. */
  api: { app: App; url: string; accessToken: string | undefined } | undefined;
}

/**
 * Starts what `env` asks for: services, API, worker, sweeper. Throws one error that names the cause; what was started
 * until then is on the stack.
 */
export async function start(env: Env, options: StartOptions): Promise<Runlight> {
  const { logger, stack, tellPrimary } = options;
  const telemetry = await openTelemetry(env, options);
  const settings = { dir: path.join(env.DATA_DIR, 'artifacts'), s3: s3Settings(env) };
  const artifacts = stack.use(await openArtifactStore(settings, logger));
  const embedded =
    env.DATABASE_URL === undefined
      ? stack.use(
          await startEmbeddedPostgres({
            dataDir: env.DATA_DIR,
            logger,
            ...(options.onDatabaseLost && { onLost: options.onDatabaseLost }),
          }),
        )
      : undefined;
  const serviceOptions: ServiceOptions = {
    database: embedded?.connection ?? { connectionString: env.DATABASE_URL },
    databaseLimits: databaseLimits(env),
    redis: redisSettings(env),
    capacities: { runningCapacity: env.RUNNING_CAPACITY, queuedCapacity: env.QUEUED_CAPACITY },
    fallbackIntervalMs: env.SSE_FALLBACK_INTERVAL,
    secretKey: await loadSecretKey({ authSecret: env.AUTH_SECRET, dataDir: env.DATA_DIR }),
    traced: telemetry !== undefined,
    logger,
  };
  const services = await openServices(serviceOptions, stack);
  const registry = createMetrics(services);
  await telemetry?.sendMetrics(registry, stack);
  const metrics = tellPrimary ? metricsOfAll(registry, tellPrimary) : registry;
  const browser = findBrowser({ path: env.BROWSER_PATH });
  if (embedded) await settleAfterCrash(services);
  if (env.DEMO ?? embedded !== undefined) await seedDemo(services.db, defaultProjectId, browser !== undefined);

  const sandbox = env.ROLES.has('worker') ? await findSandbox(env, browser, logger) : undefined;
  const api = env.ROLES.has('api')
    ? await startApi(env, options, {
        services,
        artifacts,
        metrics,
        traced: telemetry !== undefined,
        containment: sandbox && describeContainment(sandbox),
      })
    : undefined;
  if (api) {
    const settings = notificationSettings(env, api.url);
    const backend = queueBackend(serviceOptions);
    const { sweep } = await startNotifications({ services, backend, settings }, stack);
    stack.use(repeatSweeps({ sweep, logger }));
  }
  if (options.sweeps ?? true) {
    stack.use(startSweeper({ ...services, syncSchedules: () => repairSchedules(services) }));
    const days = { ofRuns: env.RETENTION_DAYS, ofAudit: env.AUDIT_RETENTION_DAYS };
    const { maintenanceDb: db } = services;
    stack.use(startRemover({ db, removeOld: createRemoval({ db, artifacts }, days), logger }));
    const partsTimeoutMs = env.REPORT_PARTS_TIMEOUT_MS;
    if (api) stack.use(startReportSweeper({ ...services, partsTimeoutMs }));
  }
  const url = env.PUBLIC_URL ?? env.BASE_URL ?? api?.url;
  if (sandbox) await startExecution(env, options, { services, serviceOptions, artifacts, sandbox, browser, url });
  const address = api && entrance(env, url!, api.accessToken);
  logger.info(
    {
      roles: [...env.ROLES].join(','),
      database: embedded ? 'embedded' : 'DATABASE_URL',
      bus: services.bus.kind,
      queue: queueBackend(serviceOptions).kind,
      artifacts: artifacts.kind,
    },
    tellPrimary ? 'this process is ready' : address ? `Runlight is ready at ${address}` : 'Runlight is ready',
  );
  tellPrimary?.({ type: 'ready', url: api?.url, entrance: address });
  return { services, serviceOptions, api };
}

/** The address that people open; the token in it signs them in. */
function entrance(env: Env, url: string, accessToken: string | undefined): string {
  return accessToken === undefined ? env.BASE_URL! : `${url.replace(/\/$/, '')}/?token=${accessToken}`;
}

async function startApi(
  env: Env,
  options: StartOptions,
  {
    services,
    artifacts,
    ...rest
  }: {
    services: Services;
    artifacts: ArtifactStore;
    metrics: MetricsPage;
    traced: boolean;
    containment: Containment | undefined;
  },
) {
  const fromAddress = (req: IncomingMessage) => addressOf(req, env.TRUST_PROXY);
  const { authenticator, token } = await chooseAuthenticator({
    env,
    services,
    addressOf: fromAddress,
    oidcTimeoutMs: options.oidcTimeoutMs,
  });
  const redis = redisSettings(env);
  const sharedLimits = redis && options.stack.use(createSharedLimits(redis));
  const app = await createApp({
    services,
    sse: { pingIntervalMs: env.SSE_PING_INTERVAL, connectionTimeoutMs: env.SSE_CONNECTION_TIMEOUT },
    authenticator,
    addressOf: fromAddress,
    limits: {
      streamsPerUser: env.STREAMS_PER_USER,
      streamsPerAddress: env.STREAMS_PER_ADDRESS,
      // The access token of a Runlight without accounts has every permission: it needs no limit.
      requestsPerKey: token === undefined ? env.REQUESTS_PER_KEY : Infinity,
    },
    ...(sharedLimits && { countsOfLimits: sharedLimits.store }),
    runLimits: { ...defaultLimits, ...runLimits(env) },
    recheckIntervalMs: env.SSE_FALLBACK_INTERVAL,
    artifacts,
    notifications: notificationSettings(env),
    ...rest,
    clientDir: options.clientDir ?? path.join(appDir, 'dist/client'),
    packages: { file: path.join(appDir, `dist/runlight-${version}.tgz`), keptDir: path.join(env.DATA_DIR, 'packages') },
    ...(options.subscriptions && { subscriptions: options.subscriptions }),
  });
  options.stack.defer(() => app.close(options.drainMs ?? 0));
  const url = await app.fastify
    .listen({ host: env.HOST, port: env.PORT, backlog })
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error;
      throw new Error(`Port ${env.PORT} of ${env.HOST} is taken. Set PORT to a free one, or stop what uses it.`);
    });
  return { app, url, accessToken: token };
}

async function repairSchedules(services: Services): Promise<void> {
  await syncSchedules(services);
  await makeUpStarts(services);
}

export interface ExecutionParts {
  services: Services;
  serviceOptions: ServiceOptions;
  artifacts: ArtifactStore;
  sandbox: Sandbox;
  browser: Browser | undefined;
  /** The address of Runlight, which tests find as `RUNLIGHT_URL`. */
  url: string | undefined;
}

async function startExecution(
  env: Env,
  { logger, stack, forceStop }: StartOptions,
  { services, serviceOptions, artifacts, sandbox, browser, url }: ExecutionParts,
): Promise<void> {
  if (sandbox.network === 'host') warnOfOpenServers(env, logger);
  const limits = runLimits(env);
  await startWorker(
    {
      services,
      backend: queueBackend(serviceOptions),
      concurrency: env.WORKER_CONCURRENCY,
      version,
      artifacts,
      sandbox,
      browser,
      compiledCode: await findCompiledCode({ dir: compiledCodeDir(limits.heapMb), logger }),
      video: env.RECORD_VIDEO,
      suites: {
        installEnv: installEnvironment(),
        toolsPath: toolsPath(),
        installsDir: path.join(env.DATA_DIR, 'installs'),
        installsBytes: env.SUITE_CACHE_MB * 1e6,
        browsersDir: env.BROWSERS_DIR ?? path.join(env.DATA_DIR, 'browsers'),
        ownBrowsers: env.INSTALL_BROWSERS,
        reporterFile: suiteReporter(),
        fetcherFile: suiteFetcher(),
      },
      limits,
      env: url ? { RUNLIGHT_URL: url } : {},
      finishWithinMs: env.SHUTDOWN_TIMEOUT,
      ...(forceStop && { forceStop }),
    },
    stack,
  );
  logger.info(
    {
      ...describeContainment(sandbox),
      browser: browser?.executablePath ?? 'none',
      concurrency: env.WORKER_CONCURRENCY,
    },
    'executing runs',
  );
}

function findSandbox(env: Env, browser: Browser | undefined, logger: Logger): Promise<Sandbox> {
  return detectSandbox({
    mode: sandboxMode(env),
    network: env.SANDBOX_NETWORK,
    logger,
    hidden: [env.DATA_DIR, appDir],
    readOnly: [...playwrightModules().map(({ dir }) => dir), ...(browser?.readOnly ?? [])],
  });
}

/** Tests have the worker's network, and so reach the servers that it reaches. */
function warnOfOpenServers(env: Env, logger: Logger): void {
  const servers = openServers(env);
  if (servers.length === 0) return;
  logger.warn(
    `Tests can reach ${servers.join(' and ')}, where no password is asked for: the author of a test could forge the status of any run, or start one. Set a password there and in the address, or give tests no network but their own with SANDBOX_NETWORK=none.`,
  );
}
