import { randomUUID } from 'node:crypto';
import os from 'node:os';
import type { CloseStack } from '#server/lib/close-stack.ts';
import type { QueueBackend } from '#server/queue/backend.ts';
import { createRunConsumer } from '#server/queue/run-queue.ts';
import { createScheduleConsumer } from '#server/jobs/schedules.ts';
import { startDueJob } from '#server/jobs/start-due-jobs.ts';
import type { Bus } from '#server/bus/bus.ts';
import type { RunStarter } from '#server/runs/enqueue-run.ts';
import type { SecretBox } from '#server/variables/secret-box.ts';
import type { Logger } from 'pino';
import type { ArtifactStore } from '#server/artifacts/artifact-store.ts';
import type { Browser } from '#server/execution/playwright/browser.ts';
import { createHeartbeat } from './heartbeat.ts';
import type { RunLimits } from '#server/config/run-limits.ts';
import { announceWorker } from './presence.ts';
import { processPart, type SuiteSettings } from './process-part.ts';
import { processRun } from './process-run.ts';
import type { Listings } from './run-shard.ts';
import { removeAbandonedRunDirs } from '#server/execution/playwright/run-dirs.ts';
import type { Sandbox } from '#server/execution/sandbox/sandbox.ts';
import { createSupervisor } from '#server/execution/sandbox/supervisor.ts';

/** The services of this process that executing runs needs. */
export interface WorkerServices extends RunStarter {
  bus: Bus;
  secretBox: SecretBox;
  logger: Logger;
}

export interface WorkerOptions {
  services: WorkerServices;
  backend: QueueBackend;
  /** Runs that this process executes at once. */
  concurrency: number;
  /** Version of Runlight. */
  version: string;
  artifacts: ArtifactStore;
  sandbox: Sandbox;
  browser: Browser | undefined;
  /** The folder of Playwright's compiled code (`findCompiledCode`). */
  compiledCode?: string | undefined;
  video: boolean;
  suites: SuiteSettings;
  limits: Partial<RunLimits>;
  /** The environment of scripts. */
  env: Record<string, string>;
  /** How long running tests may continue when the stack closes, in ms. */
  finishWithinMs: number;
  /** Aborts when runs shall be stopped at once. */
  forceStop?: AbortSignal;
}

/**
 * Executes runs and starts scheduled jobs until `stack` closes. Then it takes no more runs, waits `finishWithinMs` for the running
 * ones, stops the others, and writes their ends. Queued runs are left to other workers.
 */
export async function startWorker(options: WorkerOptions, stack: CloseStack): Promise<void> {
  const { services, backend, concurrency, version, finishWithinMs, forceStop, ...execution } = options;
  const { db, logger } = services;
  void removeAbandonedRunDirs();
  const workerId = `${os.hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
  const presence = stack.use(
    await announceWorker({
      writer: services,
      worker: {
        id: workerId,
        host: os.hostname(),
        pid: process.pid,
        version,
        concurrency,
        startedAt: new Date().toISOString(),
      },
      logger,
    }),
  );
  const heartbeat = stack.use(createHeartbeat({ db, workerId, presence, logger }));
  const supervisor = stack.use(createSupervisor());
  const shutdown = new AbortController();
  const listings: Listings = new Map();
  const deps = { ...services, ...execution, workerId, heartbeat, supervisor, listings, shutdown: shutdown.signal };

  const running = new Set<string>();
  let isClosing = false;
  const consumer = await createRunConsumer({
    backend,
    concurrency,
    logger,
    async process(runId, part) {
      // The queue delivered it while the stack closed. The sweeper adds it to the queue again.
      if (isClosing) return;
      const entry = part === undefined ? runId : `${runId}, part ${part + 1}`;
      running.add(entry);
      const processing = part === undefined ? processRun(deps, runId) : processPart(deps, { runId, part });
      await processing.finally(() => running.delete(entry));
    },
  });
  stack.defer(async () => {
    isClosing = true;
    const stop = () => shutdown.abort();
    const timer = setTimeout(stop, running.size === 0 ? 0 : finishWithinMs);
    forceStop?.addEventListener('abort', stop);
    if (forceStop?.aborted) stop();
    if (running.size > 0)
      logger.info(
        { runs: [...running], atMostMs: finishWithinMs },
        'waiting for runs to end; send the signal again to stop them',
      );
    await consumer[Symbol.asyncDispose]();
    clearTimeout(timer);
    forceStop?.removeEventListener('abort', stop);
  });
  stack.use(await createScheduleConsumer({ backend, logger, onTick: (tick) => startDueJob(services, tick) }));
}
