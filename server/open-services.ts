import type pg from 'pg';
import type { Logger } from 'pino';
import { createAttemptLog } from '#server/audit/attempt-log.ts';
import { createPostgresBus } from '#server/bus/postgres-bus.ts';
import { createRedisBus } from '#server/bus/redis-bus.ts';
import type { CloseStack } from '#server/lib/close-stack.ts';
import type { DatabaseLimits } from '#server/config/database-settings.ts';
import { checkSessions } from '#server/db/check-sessions.ts';
import { createDatabase, type Database, queryTimeoutMs } from '#server/db/database.ts';
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

/** Limits of services that are opened without any. */
const defaultLimits: DatabaseLimits = { poolSize: 10, timeoutMs: 30_000 };

/** Limits of migrations and retention, because their statements may take long. `max`: connections. */
const maintenance = { max: 3, timeoutMs: 3_600_000 };

/** What the parts of one process share. `openServices` opens and closes it. */
export interface Services extends AppServices {
  /** The connections for queries. */
  databasePool: MetricSources['databasePool'];
  /** The same database for work that may take long. */
  maintenanceDb: Database;
  publisher: Publisher;
  schedules: Schedules;
  notifier: NotificationQueue;
  secretBox: SecretBox;
}

export interface ServiceOptions {
  database: pg.PoolConfig;
  databaseLimits?: DatabaseLimits;
  /** Without it, Postgres is the bus and keeps the queues. */
  redis?: RedisSettings | undefined;
  capacities: Capacities;
  fallbackIntervalMs: number;
  /** Encrypts the secrets in the database: 32 bytes, the same in every process that shares the database. */
  secretKey: Uint8Array;
  /** Traces cross the bus. */
  traced?: boolean;
  logger: Logger;
}

/** Where the queues of these services are. */
export function queueBackend(options: ServiceOptions): QueueBackend {
  const { database, redis, databaseLimits: { timeoutMs } = defaultLimits } = options;
  if (redis) return { kind: 'redis', redis };
  const connection = { ...database, query_timeout: queryTimeoutMs(timeoutMs) };
  return { kind: 'postgres', connection, schema: 'bullmq' };
}

/**
 * Connects to all services, brings the schema up to date, and adds everything that must be closed to `stack`. Throws one error
 * that names the services that cannot be reached.
 */
export async function openServices(options: ServiceOptions, stack: CloseStack): Promise<Services> {
  const { database, databaseLimits: limits = defaultLimits, redis, capacities, traced = false, logger } = options;
  const onError = (error: Error) => logger.warn({ err: error }, 'a database connection broke');
  const { poolSize: max, timeoutMs } = limits;
  const { db, pool, destroy } = createDatabase(database, { max, timeoutMs, onError });
  stack.defer(destroy);
  const { db: maintenanceDb, destroy: destroyMaintenance } = createDatabase(database, { ...maintenance, onError });
  stack.defer(destroyMaintenance);
  await pool.query('select 1').catch((error: unknown) => {
    throw new Error(
      `PostgreSQL cannot be reached at ${describeDatabase(database)}: ${errorMessage(error)}. Check DATABASE_URL and that the server runs.`,
      { cause: error },
    );
  });
  await checkSessions(pool);
  await migrate(maintenanceDb);
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
  const { runningCapacity } = capacities;
  const runQueue = stack.use(await createRunQueue({ backend, runningCapacity, logger }).catch(explainPooler));
  const schedules = stack.use(await createSchedules({ backend, logger }));
  const notifier = stack.use(await createNotificationQueue({ backend, logger }));

  return {
    db,
    databasePool: pool,
    maintenanceDb,
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

/** BullMQ names its schema when it connects, which PgBouncer refuses. */
function explainPooler(error: unknown): never {
  if (!/unsupported startup parameter/.test(errorMessage(error))) throw error;
  throw new Error(
    `The queue on PostgreSQL does not work through this pooler (${errorMessage(error)}), so Runlight needs Redis behind it: set REDIS_URL, or let DATABASE_URL name PostgreSQL itself.`,
    { cause: error },
  );
}

/** The address of the database, without the password. */
function describeDatabase({ connectionString, host, port }: pg.PoolConfig): string {
  if (!connectionString) return `${host}:${port}`;
  const url = new URL(connectionString);
  return `${url.hostname}:${url.port || 5432}${url.pathname}`;
}
