import { tryWithLock } from '#server/db/advisory-locks.ts';
import { ago } from '#server/db/ago.ts';
import type { Database } from '#server/db/database.ts';
import { commitRun, type RunWriter } from '#server/runs/commit-run.ts';
import type { RunQueue } from '#server/queue/run-queue.ts';
import { removeSilentWorkers, silentMs } from '#server/workers/queries.ts';
import type { Logger } from '#server/lib/logger.ts';

/** How often to sweep, in ms. */
const intervalMs = 5_000;
/** How long a run may be on its way into the queue, in ms. */
const enqueueMs = 10_000;

export interface SweeperDeps extends RunWriter {
  runQueue: RunQueue;
  /** Puts the schedules in force that the jobs have. */
  syncSchedules(): Promise<void>;
  /** Removes some of what is too old to be kept. */
  removeOld(): Promise<unknown>;
  logger: Logger;
}

/**
 * Repairs, every 5 s and in one process at a time, what a dead process or a lost queue left behind: runs whose worker
 * is gone end as `error`, `worker_lost`, the worker is forgotten, and queued runs that the queue does not carry are put
 * there again. Removes what is too old. Disposing waits for a sweep that is going on.
 */
export function startSweeper(deps: SweeperDeps): AsyncDisposable {
  let sweeping: Promise<void> | undefined;
  // While the database was away, nobody could beat: everyone gets the time to do so again.
  let trustedSince = Date.now();

  async function sweep() {
    try {
      await sweepOnce(deps, { silentMs: Date.now() - trustedSince > silentMs ? silentMs : undefined });
    } catch (error) {
      trustedSince = Date.now();
      deps.logger.warn({ err: error }, 'a sweep failed');
    } finally {
      sweeping = undefined;
    }
  }

  const timer = setInterval(() => (sweeping ??= sweep()), intervalMs);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await sweeping;
    },
  };
}

/** One sweep, unless another process is at it. Without `silentMs`, silent workers and their runs are left alone. */
export async function sweepOnce(deps: SweeperDeps, options: { silentMs: number | undefined }): Promise<void> {
  await tryWithLock(deps.db, 'sweep', async () => {
    if (options.silentMs !== undefined) {
      await endLostRuns(deps, options.silentMs);
      await removeSilentWorkers(deps, options.silentMs);
    }
    await enqueueForgottenRuns(deps, enqueueMs);
    await deps.syncSchedules();
    // A file that cannot be removed must not keep anything else from being repaired.
    await deps.removeOld().catch((error: unknown) => deps.logger.warn({ err: error }, 'what is old stays'));
  });
}

/**
 * Ends the runs of workers that have been silent for `silentForMs`. With 0 it ends every running run: right only
 * before this process works on any, where no other process shares the database.
 */
export async function endLostRuns(deps: RunWriter, silentForMs: number): Promise<void> {
  const lost = await deps.db
    .selectFrom('runs')
    .select(['id', 'workerId', 'cancelRequestedAt'])
    .where('status', '=', 'running')
    .where('heartbeatAt', '<', ago(silentForMs))
    .execute();
  for (const run of lost) {
    const cancelled = run.cancelRequestedAt !== null;
    await commitRun(deps, run.id, {
      from: ['running'],
      silentForMs,
      to: cancelled ? 'cancelled' : 'error',
      errorCode: 'worker_lost',
      errorDetails: `The worker that executed this run (${run.workerId}) is gone. ${cancelled ? 'The run was to be cancelled.' : 'Run it again.'}`,
    });
  }
}

/** Puts runs that have been queued for `queuedForMs`, but that the queue does not carry, into the queue. */
export async function enqueueForgottenRuns(
  { db, runQueue }: { db: Database; runQueue: RunQueue },
  queuedForMs: number,
): Promise<void> {
  const queued = await db
    .selectFrom('runs')
    .select('id')
    .where('status', '=', 'queued')
    .where('queuedAt', '<', ago(queuedForMs))
    .orderBy('id')
    .limit(200)
    .execute();
  for (const { id } of queued) if (!(await runQueue.carries(id))) await runQueue.add(id);
}
