import {
  createPostgresBackend,
  type PostgresConnectionOptions,
  Queue,
  type QueueOptions,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import { Redis } from 'ioredis';
import type pg from 'pg';
import type { RedisAddress } from '#server/config/redis-address.ts';
import type { Logger } from '#server/lib/logger.ts';

/** Where BullMQ keeps its queues. `namespace` is a Redis key prefix or a Postgres schema. */
export type QueueBackend =
  | { kind: 'redis'; connection: RedisAddress; namespace: string }
  | { kind: 'postgres'; connection: pg.PoolConfig; namespace: string };

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
  // A connection that BullMQ opens keeps retrying for ever if it is closed while Redis is down.
  const redis = new Redis({ ...backend.connection, enableOfflineQueue: false, maxRetriesPerRequest: 1 });
  redis.on('error', onError);
  const queue = new Queue(name, { ...options, prefix: backend.namespace, connection: redis });
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
  // A connection of our own, as for producers.
  const redis =
    backend.kind === 'redis'
      ? new Redis({ ...backend.connection, maxRetriesPerRequest: null, enableReadyCheck: false })
      : undefined;
  redis?.on('error', onError);
  const worker =
    backend.kind === 'redis'
      ? new Worker(name, processor, { ...all, prefix: backend.namespace, connection: redis! })
      : (new Worker(
          name,
          processor,
          { ...all, connection: postgresConnection(backend, 3) },
          createPostgresBackend,
        ) as unknown as Worker);
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

function postgresConnection(backend: QueueBackend & { kind: 'postgres' }, max: number): PostgresConnectionOptions {
  return { ...backend.connection, schema: backend.namespace, migrate: true, max } as PostgresConnectionOptions;
}
