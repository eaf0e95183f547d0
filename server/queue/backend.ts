import {
  createPostgresBackend,
  type PostgresConnectionOptions,
  Queue,
  type QueueOptions,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import type { Cluster, Redis, RedisOptions } from 'ioredis';
import type pg from 'pg';
import type { RedisSettings } from '#server/config/redis-settings.ts';
import type { Logger } from '#server/lib/logger.ts';
import { createClient, createClusterClient } from '#server/redis/create-client.ts';
import { queuePrefix } from '#server/redis/prefixes.ts';

/** Where BullMQ keeps its queues. */
export type QueueBackend =
  { kind: 'redis'; redis: RedisSettings } | { kind: 'postgres'; connection: pg.PoolConfig; schema: string };

/** A server that is silent for so long is lost, in ms: longer than BullMQ lets one wait for an entry. */
const silentMs = 15_000;

/**
 * A producer. While the backend is down, commands fail within seconds, so that requests do not hang, and closing still
 * works.
 */
export function openQueue(
  backend: QueueBackend,
  name: string,
  logger: Logger,
  options: Pick<QueueOptions, 'defaultJobOptions' | 'settings'> = {},
): { queue: Queue; close(): Promise<void> } {
  const onError = (error: Error) => logger.warn({ err: error, queue: name }, 'the queue cannot be reached');
  if (backend.kind === 'postgres') {
    const connection = postgresConnection(backend, 2);
    const queue = new Queue(name, { ...options, connection }, createPostgresBackend) as unknown as Queue;
    queue.on('error', onError);
    return { queue, close: () => queue.close() };
  }
  const redis = connect(backend.redis, { enableOfflineQueue: false, maxRetriesPerRequest: 1 });
  const queue = new Queue(name, { ...options, prefix: queuePrefix(backend.redis), connection: redis });
  queue.on('error', onError);
  return {
    queue,
    async close() {
      await queue.close();
      redis.disconnect();
    },
  };
}

export interface QueueEntry<Data> {
  data: Data;
  /** The time at which the schedule was due, in ms since 1970; undefined without a schedule. */
  scheduledAt: number | undefined;
}

/**
 * A consumer. It takes entries after `run()` is called. Closing stops that and waits for those in progress, also while the
 * backend is down.
 */
export function openWorker<Data>(
  backend: QueueBackend,
  name: string,
  logger: Logger,
  process: (entry: QueueEntry<Data>) => Promise<void>,
  options: Omit<WorkerOptions, 'connection' | 'prefix'> = {},
): { worker: Worker; close(): Promise<void> } {
  const inProgress = new Set<Promise<void>>();
  const processor = async (job: { data: Data; opts: { prevMillis?: number } }) => {
    const processing = process({ data: job.data, scheduledAt: job.opts.prevMillis });
    inProgress.add(processing);
    await processing.finally(() => inProgress.delete(processing));
  };
  const onError = (error: Error) => logger.warn({ err: error, queue: name }, 'the queue cannot be reached');
  const all = { ...options, autorun: false };
  let redis: Redis | Cluster | undefined;
  let worker: Worker;
  if (backend.kind === 'postgres') {
    const connection = postgresConnection(backend, 3);
    worker = new Worker(name, processor, { ...all, connection }, createPostgresBackend) as unknown as Worker;
  } else {
    redis = connect(backend.redis, { maxRetriesPerRequest: null, enableReadyCheck: false });
    worker = new Worker(name, processor, { ...all, prefix: queuePrefix(backend.redis), connection: redis });
  }
  worker.on('error', onError);
  return {
    worker,
    async close() {
      await worker.pause(true);
      await Promise.allSettled(inProgress);
      await worker.close(redis !== undefined && redis.status !== 'ready');
      redis?.disconnect();
    },
  };
}

/** A connection that BullMQ opens keeps retrying for ever if it is closed while Redis is down, so it gets one of ours. */
function connect(redis: RedisSettings, options: RedisOptions): Redis | Cluster {
  const all = { ...options, socketTimeout: silentMs };
  const client = redis.kind === 'cluster' ? createClusterClient(redis, all) : createClient(redis, all);
  // BullMQ reports them until it is closed.
  client.on('error', () => {});
  return client;
}

function postgresConnection(backend: QueueBackend & { kind: 'postgres' }, max: number): PostgresConnectionOptions {
  const { connection, schema } = backend;
  return { connectionTimeoutMillis: 10_000, ...connection, schema, migrate: true, max } as PostgresConnectionOptions;
}
