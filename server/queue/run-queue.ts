import { SpanKind } from '@opentelemetry/api';
import type { RunDispatcher } from '#server/runs/enqueue-run.ts';
import { openQueue, openWorker, type QueueBackend } from './backend.ts';
import type { Logger } from '#server/lib/logger.ts';
import { carryTrace, resumeTrace, type TraceCarrier, traced } from '#server/lib/traced.ts';

interface RunEntry extends TraceCarrier {
  runId: string;
  /** Of a suite's run; undefined: the whole run. */
  part?: number;
}

/** An entry that the queue has is not added again. */
const entryId = (runId: string, part?: number) => (part === undefined ? runId : `${runId}.${part}`);

const queueName = 'runs';

/** Hands runs to workers. The row of a run decides its status; the queue may lose entries or hand out old ones. */
export interface RunQueue extends RunDispatcher, AsyncDisposable {
  /** True while the entry is waiting or a worker has it. */
  carries(runId: string, part?: number): Promise<boolean>;
  /** Removes every entry, including those that workers have. No other process may use the queue. */
  clear(): Promise<void>;
  /** Sets again how many runs may run at once, if the backend has lost that. */
  keepCapacity(): Promise<void>;
  /** Rejects when the backend does not answer. */
  ping(): Promise<void>;
}

/** Resolves when the backend is reachable and set up, else rejects with its error. */
export async function createRunQueue(options: {
  backend: QueueBackend;
  /** Runs at once, over all workers; each part of a suite's run counts. */
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
    async add(runId, part) {
      await queue.add('run', { runId, part, ...carryTrace() } satisfies RunEntry, { jobId: entryId(runId, part) });
    },
    async remove(runId, part) {
      await queue.remove(entryId(runId, part));
    },
    async carries(runId, part) {
      const state = await queue.getJobState(entryId(runId, part));
      return state !== 'unknown' && state !== 'failed' && state !== 'completed';
    },
    async clear() {
      await queue.obliterate({ force: true });
      await queue.resume();
      await queue.setGlobalConcurrency(options.runningCapacity);
    },
    async keepCapacity() {
      if ((await queue.getGlobalConcurrency()) === null) await queue.setGlobalConcurrency(options.runningCapacity);
    },
    async ping() {
      await queue.getGlobalConcurrency();
    },
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Takes runs, and parts of suites' runs, from the queue, `concurrency` at a time. Disposing stops taking and waits for the runs in progress. Errors
 * of `process` are logged; a run is never handed out twice.
 */
export async function createRunConsumer(options: {
  backend: QueueBackend;
  concurrency: number;
  process(runId: string, part: number | undefined): Promise<void>;
  logger: Logger;
}): Promise<AsyncDisposable> {
  const { backend, concurrency, logger } = options;
  const { worker, close } = openWorker<RunEntry>(
    backend,
    queueName,
    logger,
    ({ data }) => {
      const { runId, part } = data;
      const attributes = { 'runlight.run.id': runId, ...(part !== undefined && { 'runlight.part': part + 1 }) };
      return traced(
        'execute run',
        () => options.process(runId, part),
        { kind: SpanKind.CONSUMER, attributes },
        resumeTrace(data),
      );
    },
    {
      concurrency,
      // The entry of a dead worker counts against the capacity until its lock expires.
      lockDuration: 15_000,
      stalledInterval: 10_000,
      maxStalledCount: 0,
    },
  );
  worker.on('failed', (job, error) => logger.warn({ err: error, runId: job?.data.runId }, 'a run left the queue'));
  await worker.waitUntilReady();
  worker.run().catch((error: unknown) => logger.warn({ err: error }, 'the worker stopped taking runs'));
  return { [Symbol.asyncDispose]: close };
}
