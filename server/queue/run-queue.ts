import { openQueue, openWorker, type QueueBackend } from './backend.ts';
import type { Logger } from '#server/lib/logger.ts';

interface RunEntry {
  runId: string;
}

const queueName = 'runs';

/** Who shall run what, and nothing more: the run's own row decides what becomes of it. */
export interface RunQueue extends AsyncDisposable {
  /** Does nothing for a run that the queue already carries. */
  add(runId: string): Promise<void>;
  remove(runId: string): Promise<void>;
  /** Whether an entry waits for a worker or is with one. */
  carries(runId: string): Promise<boolean>;
  /** Forgets every entry, those with workers included: right only when no other process uses the queue. */
  clear(): Promise<void>;
  /** Rejects when the backend does not answer. */
  ping(): Promise<void>;
}

/** Resolves when the backend is reachable and set up; rejects with its error otherwise. */
export async function createRunQueue(options: {
  backend: QueueBackend;
  /** Runs that may run at once, over all workers. */
  runningCapacity: number;
  logger: Logger;
}): Promise<RunQueue> {
  const { queue, close } = openQueue(options.backend, queueName, options.logger, {
    // A run is executed at most once, and its history is in the database.
    defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
  });
  try {
    await queue.waitUntilReady();
    await queue.setGlobalConcurrency(options.runningCapacity);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async add(runId) {
      await queue.add('run', { runId }, { jobId: runId });
    },
    async remove(runId) {
      await queue.remove(runId);
    },
    async carries(runId) {
      const state = await queue.getJobState(runId);
      return state !== 'unknown' && state !== 'failed' && state !== 'completed';
    },
    async clear() {
      await queue.obliterate({ force: true });
      await queue.resume();
      await queue.setGlobalConcurrency(options.runningCapacity);
    },
    async ping() {
      await queue.getGlobalConcurrency();
    },
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Takes runs from the queue, `concurrency` at a time. Disposing stops taking and waits for those being processed.
 * What `process` throws is logged; a run is not handed out twice.
 */
export async function createRunConsumer(options: {
  backend: QueueBackend;
  concurrency: number;
  process(runId: string): Promise<void>;
  logger: Logger;
}): Promise<AsyncDisposable> {
  const { backend, concurrency, logger } = options;
  const worker = openWorker<RunEntry>(backend, queueName, logger, ({ data }) => options.process(data.runId), {
    concurrency,
    // A worker that died holds its share of the capacity until its lock expires.
    lockDuration: 15_000,
    stalledInterval: 10_000,
    maxStalledCount: 0,
  });
  worker.on('failed', (job, error) => logger.warn({ err: error, runId: job?.data.runId }, 'a run left the queue'));
  await worker.waitUntilReady();
  worker.run().catch((error: unknown) => logger.warn({ err: error }, 'the worker stopped taking runs'));
  return { [Symbol.asyncDispose]: () => worker.close() };
}
