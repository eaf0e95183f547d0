import path from 'node:path';
import fastifyStatic from '@fastify/static';
import { fastifyTRPCPlugin, type FastifyTRPCPluginOptions } from '@trpc/server/adapters/fastify';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { checkReadiness } from '#server/health.ts';
import { createMetrics } from '#server/metrics.ts';
import { type AppRouter, appRouter } from '#server/router.ts';
import type { Services } from '#server/services.ts';
import { type Context, isErrorOfCaller } from '#server/trpc.ts';

/** Room for a script of 1 MiB, whose every character JSON may write as six bytes. */
const bodyLimit = 8 * 1024 * 1024;

export interface SseSettings {
  pingIntervalMs: number;
  /** A stream ends after this, so that its client connects again and resumes. */
  connectionTimeoutMs: number;
}

export interface AppOptions {
  services: Services;
  sse: SseSettings;
  projectId: string;
  /** Where the artifacts of runs lie, one folder per run. */
  artifactsDir: string;
  /** The built client. */
  clientDir: string;
}

/**
 * The HTTP surface: `/api/trpc`, `/artifacts`, the client, `/healthz`, `/readyz` and `/metrics`. The caller lets it
 * listen, and closes it; closing cuts open streams, whose clients then connect elsewhere.
 */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { services, projectId } = options;
  const { logger } = services;
  const app = Fastify({
    // What matters is logged by us.
    loggerInstance: logger.child({}, { level: logger.level === 'silent' ? 'silent' : 'warn' }) as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    bodyLimit,
    // A batch names its procedures in the path.
    routerOptions: { maxParamLength: 5_000 },
  });

  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
    reply.header('referrer-policy', 'same-origin');
  });

  app.register(fastifyTRPCPlugin, {
    prefix: '/api/trpc',
    trpcOptions: {
      router: withSse(appRouter, options.sse),
      createContext: (): Context => ({ services, projectId }),
      onError({ error, path, req }) {
        if (req.raw.destroyed || isErrorOfCaller(error)) return;
        logger.error({ err: error.cause ?? error, path }, 'a procedure failed');
      },
    } satisfies FastifyTRPCPluginOptions<AppRouter>['trpcOptions'],
  });

  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const { ready, checks } = await checkReadiness(services);
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'unavailable', checks });
  });
  const metrics = createMetrics(services);
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()));

  app.register(fastifyStatic, {
    root: options.artifactsDir,
    prefix: '/artifacts/',
    dotfiles: 'allow',
    // `reply.sendFile` is the client's, whose headers these are not.
    decorateReply: false,
    setHeaders(response, file) {
      // Whatever a test left behind is shown, not executed; only Playwright's report needs its scripts.
      const [, folder] = path.relative(options.artifactsDir, file).split(path.sep);
      if (folder !== 'report') response.setHeader('content-security-policy', 'sandbox');
    },
  });
  app.register(fastifyStatic, {
    root: options.clientDir,
    setHeaders(response, file) {
      const isHashed = file.includes('/assets/');
      response.setHeader('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  app.setNotFoundHandler((request, reply) => {
    const isPage = request.method === 'GET' && request.headers.accept?.includes('text/html');
    if (isPage && !/^\/(api|artifacts|assets)\//.test(request.url)) return reply.sendFile('index.html');
    return reply.code(404).send({ error: 'not found', message: `There is nothing at ${request.url}.` });
  });
  await app.ready();
  return app;
}

/** The router with stream settings that are known only when the process starts. */
function withSse(router: AppRouter, { pingIntervalMs, connectionTimeoutMs }: SseSettings): AppRouter {
  const sse = {
    ping: { enabled: true, intervalMs: pingIntervalMs },
    maxDurationMs: connectionTimeoutMs,
    // A client that hears nothing for three pings connects again.
    client: { reconnectAfterInactivityMs: 3 * pingIntervalMs },
  };
  return { ...router, _def: { ...router._def, _config: { ...router._def._config, sse } } };
}
