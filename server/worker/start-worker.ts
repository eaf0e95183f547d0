import { randomUUID } from 'node:crypto';
import os from 'node:os';
import type { CloseStack } from '#server/close-stack.ts';
import type { QueueBackend } from '#server/queue/backend.ts';
import { createRunConsumer } from '#server/queue/run-queue.ts';
import { createScheduleConsumer } from '#server/queue/schedules.ts';
import { runScheduledJob } from '#server/jobs/sync-schedules.ts';
import type { Services } from '#server/services.ts';
import type { ArtifactStore } from './artifact-store.ts';
import type { Browser } from './browser.ts';
import { createHeartbeat } from './heartbeat.ts';
import { announceWorker } from './presence.ts';
import { processRun } from './process-run.ts';
import { removeAbandonedRunDirs } from './run-dirs.ts';
import type { Sandbox } from './sandbox.ts';

export interface WorkerOptions {
  services: Services;
  backend: QueueBackend;
  /** Runs that this process executes at once. */
  concurrency: number;
  /** Of Runlight. */
  version: string;
  artifacts: ArtifactStore;
  sandbox: Sandbox;
  browser: Browser | undefined;
  video: boolean;
  /** What scripts find in `process.env`. */
  env: Record<string, string>;
}

/**
 * Executes runs and starts scheduled jobs until `stack` closes: then it takes no more, stops what runs and writes
 * that down.
 */
export async function startWorker(options: WorkerOptions, stack: CloseStack): Promise<void> {
  const { services, backend, concurrency, version, ...execution } = options;
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
  const shutdown = new AbortController();
  const deps = { ...services, ...execution, workerId, heartbeat, shutdown: shutdown.signal };

  stack.use(await createRunConsumer({ backend, concurrency, logger, process: (runId) => processRun(deps, runId) }));
  stack.use(await createScheduleConsumer({ backend, logger, onTick: (tick) => runScheduledJob(services, tick) }));
  // Closed first: closing the consumer waits for the runs.
  stack.defer(() => shutdown.abort());
}
