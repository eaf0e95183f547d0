import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { addressOf } from '#server/http/client-address.ts';
import { createTokenDoors } from '#server/auth/token-authenticator.ts';
import { createApp } from '#server/http/app.ts';
import { createCloseStack } from '#server/lib/close-stack.ts';
import { openServices } from '#server/open-services.ts';
import { defaultProjectId } from '#server/identity/default-ids.ts';
import { accessToken, backlog, type ServerSettings } from './serving.ts';

/** Runlight's API as `main.ts` serves it; subscriptions by our responder, or by tRPC's own adapter. */
export async function serveRunlight(settings: ServerSettings, subscriptions: 'responder' | 'stock'): Promise<number> {
  const logger = pino({ level: 'warn' }, process.stderr);
  const services = await openServices(
    {
      database: settings.database,
      redis: { host: '127.0.0.1', port: settings.redisPort },
      capacities: { runningCapacity: 5, queuedCapacity: 50 },
      fallbackIntervalMs: settings.fallbackIntervalMs,
      secretKey: randomBytes(32),
      logger,
    },
    createCloseStack(() => {}),
  );
  const dir = mkdtempSync(path.join(os.tmpdir(), 'runlight-bench-'));
  process.on('exit', () => rmSync(dir, { recursive: true }));
  const { fastify } = await createApp({
    services,
    sse: { pingIntervalMs: settings.pingIntervalMs, connectionTimeoutMs: 3_600_000 },
    subscriptions,
    doors: createTokenDoors({
      token: accessToken,
      projectId: defaultProjectId,
      addressOf: () => 'bench',
      attempts: services.attempts,
    }),
    addressOf: (req) => addressOf(req, 0),
    limits: { streamsPerUser: Infinity, streamsPerAddress: Infinity, requestsPerKey: Infinity },
    recheckIntervalMs: settings.fallbackIntervalMs,
    artifactsDir: dir,
    clientDir: dir,
  });
  await fastify.listen({ host: '127.0.0.1', port: 0, backlog });
  return (fastify.server.address() as AddressInfo).port;
}
