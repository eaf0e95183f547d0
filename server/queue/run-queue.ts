import type { RunDispatcher } from '#server/runs/start-run.ts';
import { openQueue, openWorker, type QueueBackend } from './backend.ts';
import type { Logger } from '#server/lib/logger.ts';

interface RunEntry {
  runId: string;
}

const queueName = 'runs';

/** Hands runs to workers. The row of a run decides its status; the queue may lose entries or hand out old ones. */
export interface RunQueue extends RunDispatcher, AsyncDisposable {
  /** True while the entry is waiting or a worker has it. */
  carries(runId: string): Promise<boolean>;
  /** Removes every entry, including those that workers have. No other process may use the queue. */
  clear(): Promise<void>;
  /** Rejects when the backend does not answer. */
  ping(): Promise<void>;
}

/** Resolves when the backend is reachable and set up, else rejects with its error. */
export async function createRunQueue(options: {
  backend: QueueBackend;
  /** Runs at once, over all workers. */
  runningCapacity: number;
  logger: Logger;
}): Promise<RunQueue> {
  const { queue, close } = openQueue(options.backend, queueName, options.logger, {
    // A run is executed at most once. The database keeps its history.
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
 * Takes runs from the queue, `concurrency` at a time. Disposing stops taking and waits for the runs in progress. Errors
 * of `process` are logged; a run is never handed out twice.
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
    // The entry of a dead worker counts against the capacity until its lock expires.
    lockDuration: 15_000,
    stalledInterval: 10_000,
    maxStalledCount: 0,
  });
  worker.on('failed', (job, error) => logger.warn({ err: error, runId: job?.data.runId }, 'a run left the queue'));
  await worker.waitUntilReady();
  worker.run().catch((error: unknown) => logger.warn({ err: error }, 'the worker stopped taking runs'));
  return { [Symbol.asyncDispose]: () => worker.close() };
}
