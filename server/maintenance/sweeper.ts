import { tryWithLock } from '#server/db/advisory-locks.ts';
import { ago } from '#server/db/ago.ts';
import type { Database } from '#server/db/database.ts';
import { commitRun, type RunWriter } from '#server/runs/commit-run.ts';
import type { RunQueue } from '#server/queue/run-queue.ts';
import { removeSilentWorkers, silentMs } from '#server/workers/queries.ts';
import type { Logger } from '#server/lib/logger.ts';
import { enqueueForgottenParts, lostPartMs, settleLostParts } from './lost-parts.ts';
import { repeatSweeps } from './repeat-sweeps.ts';

/** After this time, in ms, a queued run should be in the queue. */
const enqueueMs = 10_000;

export interface SweeperDeps extends RunWriter {
  runQueue: RunQueue;
  /** Makes the queue's schedules those of the jobs, and makes up for starts that found the queue full. */
  syncSchedules(): Promise<void>;
  logger: Logger;
}

/**
 * Repairs the effects of a killed process or a lost queue, every 5 s and in one process at a time. Runs of lost workers end as
 * `error` with `worker_lost`, lost workers are removed, and queued runs that the queue has lost are added to it again. Disposing waits
 * for a running sweep.
 */
export function startSweeper(deps: SweeperDeps): AsyncDisposable {
  return repeatSweeps({
    // No worker can write a heartbeat while the database is away. After that, each gets the time to write one.
    sweep: (trustedMs) => sweepOnce(deps, { silentMs: trustedMs > silentMs ? silentMs : undefined }),
    logger: deps.logger,
  });
}

/** One sweep, unless another process is sweeping. Without `silentMs`, silent workers and their runs are left alone. */
export async function sweepOnce(deps: SweeperDeps, options: { silentMs: number | undefined }): Promise<void> {
  await tryWithLock(deps.db, 'sweep', async () => {
    if (options.silentMs !== undefined) {
      await endLostRuns(deps, options.silentMs);
      await settleLostParts(deps, lostPartMs);
      await removeSilentWorkers(deps, options.silentMs);
    }
    await deps.runQueue.keepCapacity();
    await enqueueForgottenRuns(deps, enqueueMs);
    await enqueueForgottenParts(deps, enqueueMs);
    await deps.syncSchedules();
  });
}

/**
 * Ends the runs of tests and jobs of workers that have been silent for `silentForMs`. With 0 it ends all running runs, which is right only if this
 * process has not started any and no other process shares the database.
 */
export async function endLostRuns(deps: RunWriter, silentForMs: number): Promise<void> {
  const lost = await deps.db
    .selectFrom('runs')
    .select(['id', 'workerId', 'cancelRequestedAt'])
    .where('status', '=', 'running')
    .where('kind', '<>', 'suite')
    .where('heartbeatAt', '<', ago(silentForMs))
    .execute();
  for (const run of lost) {
    const cancelled = run.cancelRequestedAt !== null;
    await commitRun(deps, run.id, {
      from: ['running'],
      silentForMs,
      to: cancelled ? 'cancelled' : 'error',
      errorCode: 'worker_lost',
      errorDetails: `The worker that executed this run (${run.workerId}) is gone. ${cancelled ? 'Its cancellation was requested.' : 'Run it again.'}`,
    });
  }
}

/** Adds runs of tests and jobs to the queue that have been queued for `queuedForMs` and are not in it. */
export async function enqueueForgottenRuns(
  { db, runQueue }: { db: Database; runQueue: RunQueue },
  queuedForMs: number,
): Promise<void> {
  const queued = await db
    .selectFrom('runs')
    .select('id')
    .where('status', '=', 'queued')
    .where('kind', '<>', 'suite')
    .where('queuedAt', '<', ago(queuedForMs))
    .orderBy('id')
    .limit(200)
    .execute();
  for (const { id } of queued) if (!(await runQueue.carries(id))) await runQueue.add(id);
}
