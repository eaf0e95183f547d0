import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { TRPCError } from '@trpc/server';
import { fastifyTRPCPlugin, type FastifyTRPCPluginOptions } from '@trpc/server/adapters/fastify';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import fastifyRateLimit, { type FastifyRateLimitStoreCtor } from '@fastify/rate-limit';
import type { Logger } from 'pino';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { ArtifactStore } from '#server/artifacts/artifact-store.ts';
import { createArtifactAccess } from './artifact-access.ts';
import { createContexts } from './request-contexts.ts';
import type { RunLimits } from '#server/config/run-limits.ts';
import type { Authenticator } from '#server/auth/authenticator.ts';
import { createGuests } from '#server/auth/guests.ts';
import { readSharedRun } from '#server/auth/request-credentials.ts';
import { keyRateLimit } from './key-rate-limit.ts';
import { compressAnswers } from './compress-answers.ts';
import { limitBodyTime } from './body-timeout.ts';
import type { Limits } from './limits.ts';
import { maxHeaderBytes, refuseConnection } from './refuse-connection.ts';
import { createStreamLimits } from './stream-limits.ts';
import { endRevokedStreams } from './end-revoked-streams.ts';
import { type Refusal, refusalOf, toOriginForm } from './request-guard.ts';
import { isBadge, serveBadges } from './badge-route.ts';
import { serveBundles } from './bundle-routes.ts';
import { serveExports } from './export-routes.ts';
import { serveReports } from './report-routes.ts';
import { serveArtifacts } from './artifact-routes.ts';
import { serveBaselines } from './baseline-routes.ts';
import type { MetricsPage } from './metrics.ts';
import { checkReadiness, type HealthServices } from './health.ts';
import { servePackages } from './package-route.ts';
import { servePages } from './client-pages.ts';
import { type AppRouter, createAppRouter, type RouterServices } from './router.ts';
import type { AttemptLog } from '#server/audit/attempt-log.ts';
import type { Context } from '#server/trpc/context.ts';
import type { NotificationSettings } from '#server/config/notification-settings.ts';
import type { RunQueue } from '#server/queue/run-queue.ts';
import { createResponder } from '#server/sse/responder.ts';
import { traceRequests } from './trace-requests.ts';
import { serveTraceViewer } from './trace-viewer.ts';
import { internalErrorMessage, isErrorOfCaller, toTRPCError } from '#server/trpc/to-trpc-error.ts';
import type { Containment } from '#server/execution/sandbox/containment.ts';

/** Fits a script of 1 MiB with every character escaped in JSON, as six bytes. */
const bodyLimit = 8 * 1024 * 1024;

/** Limits of connections; times in ms. */
const connectionLimits = {
  maxHeaderSize: maxHeaderBytes,
  headersTimeout: 10_000,
  // See `limitBodyTime`.
  requestTimeout: 0,
  connectionsCheckingInterval: 2_000,
};

const trpcPrefix = '/api/trpc';

/** Sent with every response. */
const commonHeaders = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'same-origin' };

export interface SseSettings {
  pingIntervalMs: number;
  /** A stream ends after this, so that its client connects again and resumes. */
  connectionTimeoutMs: number;
}

/** The parts of the process that requests use. */
export interface AppServices
  extends Omit<RouterServices, 'artifacts' | 'limits' | 'notifications'>, Omit<HealthServices, 'artifacts'> {
  runQueue: RunQueue;
  attempts: AttemptLog;
  logger: Logger;
}

export interface AppOptions {
  services: AppServices;
  sse: SseSettings;
  authenticator: Authenticator;
  /** The client's address. */
  addressOf(req: IncomingMessage): string;
  limits: Limits;
  /** Where requests are counted; default: in this process. */
  countsOfLimits?: FastifyRateLimitStoreCtor;
  /** Limits of each run. */
  runLimits: RunLimits;
  /** How often the permissions of open streams are checked, in ms. */
  recheckIntervalMs: number;
  artifacts: ArtifactStore;
  /** How notifications are sent. */
  notifications: NotificationSettings;
  /** The metrics that `/metrics` serves. */
  metrics: MetricsPage;
  /** Requests are traced. */
  traced?: boolean;
  /** Sandbox and limits of the runs that this process executes, for `/readyz`. */
  containment?: Containment | undefined;
  /** The built client. */
  clientDir: string;
  /** The npm package for programs, and the folder with the packages of earlier versions. */
  packages: { file: string; keptDir: string };
  /** Our responder answers subscriptions, or tRPC's own adapter, which does the same at many times the cost. */
  subscriptions?: 'responder' | 'stock';
}

export interface App {
  fastify: FastifyInstance;
  /** Paths of the streams that are open or still have a running generator. */
  unfinishedStreams(): string[];
  /** Method and pattern of every route. */
  routes: readonly { method: string; url: string }[];
  /**
   * Stops listening, ends the open streams evenly over `drainMs` as if the connection broke, so that their clients resume
   * elsewhere, and closes all other connections.
   */
  close(drainMs: number): Promise<void>;
}

/**
 * The HTTP server: `/api/trpc`, `/api/reports`, `/api/bundles`, `/artifacts`, `/badge`, `/trace-viewer`, `/runlight.tgz` and
 * `/runlight-<version>.tgz`, the client, `/healthz`, `/readyz` and `/metrics`. The caller makes it listen, and closes it.
 */
export async function createApp(options: AppOptions): Promise<App> {
  const { services, sse, authenticator, artifacts, notifications } = options;
  const { logger } = services;
  const appRouter = createAppRouter({ ...services, artifacts, notifications, limits: options.runLimits });
  const contexts = createContexts(services);
  const isHttps = authenticator.hosts.addresses.some((address) => address.startsWith('https:'));
  const guests = createGuests({ db: services.db, isHttps });
  async function createContext(req: IncomingMessage, isStream = false): Promise<Context> {
    try {
      const sharedRun = readSharedRun(req);
      const caller = await (sharedRun === undefined
        ? authenticator.authenticate(req)
        : guests.authenticate(req, sharedRun));
      const context = contexts.of(caller, options.addressOf(req));
      if (isStream) streamLimits.enter(context);
      return context;
    } catch (error) {
      throw toTRPCError(error) ?? error;
    }
  }
  const onError = ({ error, path: procedure, req }: { error: TRPCError; path?: string; req: IncomingMessage }) => {
    if (req.destroyed || isErrorOfCaller(error)) return;
    logger.error({ err: error.cause ?? error, path: procedure }, 'a procedure failed');
  };
  const streamLimits = createStreamLimits(options.limits);
  const responder = createResponder<Context>({
    router: appRouter,
    createContext: ({ req }) => createContext(req, true),
    onClose: streamLimits.leave,
    onError,
    ...sse,
    reconnectAfterInactivityMs: reconnectAfterInactivityMs(sse),
    headers: commonHeaders,
  });

  const watch = endRevokedStreams({
    responder,
    callers: [authenticator, guests],
    everyMs: options.recheckIntervalMs,
    logger,
  });
  const artifactAccess = createArtifactAccess({ authenticator, guests, ...services });
  const app = Fastify({
    // Streams bypass Fastify: there may be thousands of them.
    serverFactory: (handle) => {
      const answer = options.traced ? traceRequests(handle) : handle;
      return createServer(connectionLimits, (req, res) => {
        toOriginForm(req);
        const refusal = refusalOf(req, authenticator.hosts, artifactAccess.hasSignedUrl(req) || isBadge(req));
        if (refusal) return refuse(res, refusal);
        limitBodyTime(req, res);
        const stream = options.subscriptions === 'stock' ? undefined : streamRequest(req);
        if (stream && responder.answers(stream)) return void responder.respond(req, res, stream);
        answer(req, res);
      }).on('clientError', refuseConnection);
    },
    // We log what matters ourselves.
    loggerInstance: logger.child({}, { level: logger.level === 'silent' ? 'silent' : 'warn' }) as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    bodyLimit,
    // The path of a batch names all of its procedures.
    routerOptions: { maxParamLength: 5_000 },
    rewriteUrl: (req) => artifactAccess.rewrite(req),
  });

  const routes: { method: string; url: string }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.push({ method: one, url });
  });
  app.addHook('onSend', async (_request, reply) => void reply.headers(commonHeaders));
  app.setErrorHandler((error, request, reply) => {
    if ((error as { code?: string }).code === 'FST_ERR_CTP_BODY_TOO_LARGE')
      return reply
        .code(413)
        .send({ error: 'payload too large', message: `The body may have at most ${bodyLimit / 1024 / 1024} MiB.` });
    const refusal = toTRPCError(error);
    if (!refusal) {
      if (((error as { statusCode?: number }).statusCode ?? 500) < 500) return reply.send(error);
      // The URL may hold the secret of a link, so the route is logged. The answer shows nothing of the error.
      logger.error({ err: error, route: request.routeOptions.url }, 'a request failed');
      return reply.code(500).send({ error: 'internal server error', message: internalErrorMessage });
    }
    const status = getHTTPStatusCodeFromError(refusal);
    return reply
      .code(status)
      .send({ error: refusal.code.toLowerCase().replaceAll('_', ' '), message: refusal.message });
  });
  const { countsOfLimits: store } = options;
  await app.register(fastifyRateLimit, { ...keyRateLimit(options.limits.requestsPerKey), ...(store && { store }) });
  authenticator.addRoutes(app);
  guests.addRoutes(app);

  app.addHook('onSend', compressAnswers);
  app.register(fastifyTRPCPlugin, {
    prefix: trpcPrefix,
    trpcOptions: {
      router: withSse(appRouter, options.sse),
      createContext: ({ req, info }) => {
        // The adapter would neither count these streams nor end them when permissions are revoked.
        if (info.type === 'subscription' && options.subscriptions !== 'stock')
          throw new TRPCError({
            code: 'BAD_REQUEST',
            message: `Streams are asked for one at a time, as GET ${trpcPrefix}/<procedure>, with nothing encoded in it.`,
          });
        return createContext(req.raw);
      },
      onError: ({ error, path: procedure, req }) => onError({ error, path: procedure, req: req.raw }),
    } satisfies FastifyTRPCPluginOptions<AppRouter>['trpcOptions'],
  });

  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const { status, checks } = await checkReadiness({ ...services, artifacts });
    const { containment } = options;
    return reply
      .code(status === 'unavailable' ? 503 : 200)
      .send({ status, checks, ...(containment && { containment }) });
  });
  const { metrics } = options;
  app.get('/metrics', async (request, reply) => {
    await authenticator.authenticate(request.raw);
    return reply.type(metrics.contentType).send(await metrics.metrics());
  });

  serveReports(app, { db: services.db, artifacts, limits: options.runLimits, createContext });
  serveBundles(app, { db: services.db, artifacts, createContext });
  serveExports(app, { ...services, authenticator });
  serveArtifacts(app, { artifacts, access: artifactAccess });
  serveBaselines(app, { artifacts, access: artifactAccess, db: services.db });
  serveBadges(app, { db: services.db, addressOf: options.addressOf });
  serveTraceViewer(app);
  await servePackages(app, options.packages);
  await servePages(app, { dir: options.clientDir, filesFrom: artifacts.signedOrigin });
  await app.ready();
  return {
    fastify: app,
    unfinishedStreams: responder.unfinished,
    routes,
    async close(drainMs) {
      app.server.close();
      watch[Symbol.dispose]();
      await responder.drain(drainMs);
      responder[Symbol.dispose]();
      await app.close();
    },
  };
}

function refuse(res: ServerResponse, { status, error, message, headers }: Refusal): void {
  res.writeHead(status, { 'content-type': 'application/json', ...commonHeaders, ...headers });
  res.end(JSON.stringify({ error, message }));
}

/** A request for one procedure by GET, as EventSource sends it; undefined for all others. */
function streamRequest({ method, url = '', headers }: IncomingMessage) {
  if (method !== 'GET' || !url.startsWith(`${trpcPrefix}/`)) return undefined;
  const end = url.indexOf('?');
  return {
    path: url.slice(trpcPrefix.length + 1, end === -1 ? undefined : end),
    searchParams: new URLSearchParams(end === -1 ? '' : url.slice(end)),
    headers,
  };
}

/** A client that hears nothing for three pings connects again. */
const reconnectAfterInactivityMs = ({ pingIntervalMs }: SseSettings) => 3 * pingIntervalMs;

/** The router with the stream settings of this process. */
function withSse(router: AppRouter, settings: SseSettings): AppRouter {
  const sse = {
    ping: { enabled: true, intervalMs: settings.pingIntervalMs },
    maxDurationMs: settings.connectionTimeoutMs,
    client: { reconnectAfterInactivityMs: reconnectAfterInactivityMs(settings) },
  };
  return { ...router, _def: { ...router._def, _config: { ...router._def._config, sse } } };
}
