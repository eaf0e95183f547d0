import type pg from 'pg';
import type { Logger } from 'pino';
import { createAttemptLog } from '#server/audit/attempt-log.ts';
import { createPostgresBus } from '#server/bus/postgres-bus.ts';
import { createRedisBus } from '#server/bus/redis-bus.ts';
import type { CloseStack } from '#server/lib/close-stack.ts';
import { createDatabase } from '#server/db/database.ts';
import { migrate } from '#server/db/migrate.ts';
import { errorMessage } from '#server/lib/errors.ts';
import type { AppServices } from '#server/http/app.ts';
import type { MetricSources } from '#server/http/metrics.ts';
import { createHub } from '#server/live/hub.ts';
import { createPublisher, type Publisher } from '#server/live/publisher.ts';
import type { RedisSettings } from '#server/config/redis-settings.ts';
import { createNotificationQueue, type NotificationQueue } from '#server/notifications/notification-queue.ts';
import type { QueueBackend } from '#server/queue/backend.ts';
import { createRunQueue } from '#server/queue/run-queue.ts';
import { createSchedules, type Schedules } from '#server/jobs/schedules.ts';
import { type Capacities, createQueueStatsPublisher } from '#server/queue/stats.ts';
import { createRunReads } from '#server/runs/reads.ts';
import { createTracedPublisher, traceDelivery } from '#server/telemetry/trace-bus.ts';
import { createSecretBox, type SecretBox } from '#server/variables/secret-box.ts';

/** What the parts of one process share. `openServices` opens and closes it. */
export interface Services extends AppServices {
  /** Of connections for queries. */
  databasePool: MetricSources['databasePool'];
  publisher: Publisher;
  schedules: Schedules;
  notifier: NotificationQueue;
  secretBox: SecretBox;
}

export interface ServiceOptions {
  database: pg.PoolConfig;
  /** Without it, Postgres is the bus and keeps the queues. */
  redis?: RedisSettings | undefined;
  capacities: Capacities;
  fallbackIntervalMs: number;
  /** Of the secrets in the database: 32 bytes, the same in every process that shares it. */
  secretKey: Uint8Array;
  /** Traces cross the bus. */
  traced?: boolean;
  logger: Logger;
}

/** Where the queues of these services are. */
export function queueBackend({ database, redis }: ServiceOptions): QueueBackend {
  return redis ? { kind: 'redis', redis } : { kind: 'postgres', connection: database, schema: 'bullmq' };
}

/**
 * Connects to everything, brings the schema up to date and hands all that is to be closed to `stack`. Throws one error
 * that names what cannot be reached.
 */
export async function openServices(options: ServiceOptions, stack: CloseStack): Promise<Services> {
  const { database, redis, capacities, traced = false, logger } = options;
  const { db, pool, destroy } = createDatabase(database, {
    onError: (error) => logger.warn({ err: error }, 'a database connection broke'),
  });
  stack.defer(destroy);
  await pool.query('select 1').catch((error: unknown) => {
    throw new Error(
      `PostgreSQL cannot be reached at ${describeDatabase(database)}: ${errorMessage(error)}. Check DATABASE_URL and that the server runs.`,
      { cause: error },
    );
  });
  await migrate(db);
  const attempts = stack.use(createAttemptLog({ db, logger }));

  const bus = stack.use(
    redis ? await createRedisBus({ redis, logger }) : await createPostgresBus({ pool, connection: database, logger }),
  );
  const publisher = traced ? createTracedPublisher({ bus, logger }) : createPublisher({ bus, logger });
  stack.defer(() => publisher.flush());
  const { fallbackIntervalMs } = options;
  const hub = stack.use(createHub({ bus, fallbackIntervalMs, logger, ...(traced && { trace: traceDelivery }) }));
  const queueStats = stack.use(createQueueStatsPublisher({ db, publisher, capacities, logger }));
  const backend = queueBackend(options);
  const runQueue = stack.use(await createRunQueue({ backend, runningCapacity: capacities.runningCapacity, logger }));
  const schedules = stack.use(await createSchedules({ backend, logger }));
  const notifier = stack.use(await createNotificationQueue({ backend, logger }));

  return {
    db,
    databasePool: pool,
    bus,
    hub,
    publisher,
    queueStats,
    runQueue,
    schedules,
    notifier,
    runReads: createRunReads(db),
    capacities,
    secretBox: createSecretBox(options.secretKey),
    attempts,
    queuedCapacity: capacities.queuedCapacity,
    logger,
  };
}

/** Without the password. */
function describeDatabase({ connectionString, host, port }: pg.PoolConfig): string {
  if (!connectionString) return `${host}:${port}`;
  const url = new URL(connectionString);
  return `${url.hostname}:${url.port || 5432}${url.pathname}`;
}
