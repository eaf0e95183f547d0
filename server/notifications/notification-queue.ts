import { openQueue, openWorker, type QueueBackend } from '#server/queue/backend.ts';
import type { Logger } from '#server/lib/logger.ts';
import type { Notifier } from './outbox/note-event.ts';

interface Entry {
  /** The rule with deliveries that are due; undefined: an event was noted. */
  ruleId?: string;
}

const queueName = 'notifications';

/** One process sends the deliveries of this many rules at the same time. */
const concurrency = 10;

/** Says that there is something to do. If it loses an entry, the sweep finds the work in the database. */
export interface NotificationQueue extends Notifier, AsyncDisposable {
  /** Queues the deliveries of a rule, once for each `key`. The key gives the reason. */
  add(ruleId: string, key: string, delayMs?: number): Promise<void>;
}

/** Resolves when the backend is reachable and set up, else rejects with its error. */
export async function createNotificationQueue(options: {
  backend: QueueBackend;
  logger: Logger;
}): Promise<NotificationQueue> {
  const { logger } = options;
  const { queue, close } = openQueue(options.backend, queueName, logger, {
    // The database counts the attempts.
    defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
  });
  try {
    await queue.waitUntilReady();
  } catch (error) {
    await close();
    throw error;
  }
  let waking: Promise<void> | undefined;
  let again = false;
  async function wake() {
    do {
      again = false;
      await queue.add('wake', {} satisfies Entry).catch((error: unknown) => {
        logger.warn({ err: error }, 'could not say that there are notifications; the sweep finds them');
      });
    } while (again);
    waking = undefined;
  }
  return {
    wake() {
      again = true;
      waking ??= wake();
    },
    async add(ruleId, key, delayMs = 0) {
      await queue.add('deliver', { ruleId } satisfies Entry, { jobId: `${ruleId}.${key}`, delay: Math.ceil(delayMs) });
    },
    async [Symbol.asyncDispose]() {
      await waking;
      await close();
    },
  };
}

/** Takes entries from the queue. Disposing stops taking them and waits for those in progress. */
export async function createNotificationConsumer(options: {
  backend: QueueBackend;
  process(ruleId: string | undefined): Promise<void>;
  logger: Logger;
}): Promise<AsyncDisposable> {
  const { backend, logger } = options;
  const { worker, close } = openWorker<Entry>(backend, queueName, logger, ({ data }) => options.process(data.ruleId), {
    concurrency,
  });
  worker.on('failed', (job, error) =>
    logger.warn({ err: error, ruleId: job?.data.ruleId }, 'could not send notifications; the sweep tries again'),
  );
  await worker.waitUntilReady();
  worker.run().catch((error: unknown) => logger.warn({ err: error }, 'notifications stopped'));
  return { [Symbol.asyncDispose]: close };
}
