import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { readEnv } from '#server/config/env.ts';
import { createCloseStack } from '#server/lib/close-stack.ts';
import { start } from '#server/start.ts';
import { accessToken, type ServerSettings } from './serving.ts';

/**
 * Runlight's API as `main.ts` starts it; subscriptions by our responder, or by tRPC's own adapter. `traced`: OpenTelemetry is on.
 * Resolves to the port.
 */
export async function serveRunlight(
  settings: ServerSettings,
  subscriptions: 'responder' | 'stock',
  { traced = false } = {},
): Promise<number> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'runlight-bench-'));
  process.on('exit', () => rmSync(dataDir, { recursive: true }));
  writeFileSync(path.join(dataDir, 'access-token'), accessToken);
  const { host = '', port, user, database } = settings.database;
  const { api } = await start(
    {
      ...readEnv({
        DATA_DIR: dataDir,
        DATABASE_URL: `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`,
        ROLES: 'api',
        PORT: '0',
        ...(traced && {
          OTEL_EXPORTER_OTLP_ENDPOINT: settings.collector,
          OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
          OTEL_TRACES_SAMPLER_ARG: '0.01',
        }),
      }),
      ...(settings.redisPort > 0 && { REDIS_HOST: '127.0.0.1', REDIS_PORT: settings.redisPort }),
      SSE_PING_INTERVAL: settings.pingIntervalMs,
      SSE_FALLBACK_INTERVAL: settings.fallbackIntervalMs,
      SSE_CONNECTION_TIMEOUT: 3_600_000,
    },
    {
      logger: pino({ level: 'warn' }, process.stderr),
      stack: createCloseStack(() => {}),
      clientDir: dataDir,
      sweeps: false,
      subscriptions,
    },
  );
  return Number(new URL(api!.url).port);
}
