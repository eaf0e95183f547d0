import { randomUUID } from 'node:crypto';
import os from 'node:os';
import type { CloseStack } from '#server/lib/close-stack.ts';
import type { QueueBackend } from '#server/queue/backend.ts';
import { createRunConsumer } from '#server/queue/run-queue.ts';
import { createScheduleConsumer } from '#server/queue/schedules.ts';
import { runScheduledJob } from '#server/jobs/sync-schedules.ts';
import type { Bus } from '#server/bus/bus.ts';
import type { RunStarter } from '#server/runs/start-run.ts';
import type { SecretBox } from '#server/variables/secret-box.ts';
import type { Logger } from 'pino';
import type { ArtifactStore } from '#server/artifacts/artifact-store.ts';
import type { Browser } from '#server/execution/playwright/browser.ts';
import { createHeartbeat } from './heartbeat.ts';
import type { RunLimits } from '#server/config/run-limits.ts';
import { announceWorker } from './presence.ts';
import { processRun } from './process-run.ts';
import { removeAbandonedRunDirs } from '#server/execution/playwright/run-dirs.ts';
import type { Sandbox } from '#server/execution/sandbox/sandbox.ts';
import { createSupervisor } from '#server/execution/sandbox/supervisor.ts';

/** What executing runs needs of the process. */
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
  /** Of Runlight. */
  version: string;
  artifacts: ArtifactStore;
  sandbox: Sandbox;
  browser: Browser | undefined;
  /** Where compiled code of Playwright is, if it can be trusted (`findCompiledCode`). */
  compiledCode?: string | undefined;
  video: boolean;
  limits: Partial<RunLimits>;
  /** What scripts find in `process.env`. */
  env: Record<string, string>;
  /** How long what runs may go on when the stack closes, in ms. */
  finishWithinMs: number;
  /** Aborts when somebody does not want to wait that long. */
  hurry?: AbortSignal;
}

/**
 * Executes runs and starts scheduled jobs until `stack` closes: then it takes no more, lets what runs come to its end
 * for `finishWithinMs`, stops the rest, and writes down what became of them. Runs that wait are left to other workers.
 */
export async function startWorker(options: WorkerOptions, stack: CloseStack): Promise<void> {
  const { services, backend, concurrency, version, finishWithinMs, hurry, ...execution } = options;
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
  const deps = { ...services, ...execution, workerId, heartbeat, supervisor, shutdown: shutdown.signal };

  const running = new Set<string>();
  let isClosing = false;
  const consumer = await createRunConsumer({
    backend,
    concurrency,
    logger,
    async process(runId) {
      // It was on its way when the stack closed; the sweeper puts it back into the queue.
      if (isClosing) return;
      running.add(runId);
      await processRun(deps, runId).finally(() => running.delete(runId));
    },
  });
  stack.defer(async () => {
    isClosing = true;
    const stop = () => shutdown.abort();
    const timer = setTimeout(stop, running.size === 0 ? 0 : finishWithinMs);
    hurry?.addEventListener('abort', stop);
    if (hurry?.aborted) stop();
    if (running.size > 0)
      logger.info({ runs: [...running], atMostMs: finishWithinMs }, 'waiting for what runs; once more to stop it');
    await consumer[Symbol.asyncDispose]();
    clearTimeout(timer);
    hurry?.removeEventListener('abort', stop);
  });
  stack.use(await createScheduleConsumer({ backend, logger, onTick: (tick) => runScheduledJob(services, tick) }));
}
