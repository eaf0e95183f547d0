import type { RunQueue } from '#server/queue/run-queue.ts';
import type { RunWriter } from '#server/runs/commit-run.ts';
import { removeSilentWorkers } from '#server/workers/queries.ts';
import { enqueueForgottenParts, settleLostParts } from './lost-parts.ts';
import { endLostRuns, enqueueForgottenRuns } from './sweeper.ts';

/** No other process works on the runs of an embedded database, so runs that a crash left behind are settled at once. */
export async function settleAfterCrash(deps: RunWriter & { runQueue: RunQueue }): Promise<void> {
  await deps.runQueue.clear();
  await endLostRuns(deps, 0);
  await settleLostParts(deps, 0);
  await removeSilentWorkers(deps, 0);
  await enqueueForgottenRuns(deps, 0);
  await enqueueForgottenParts(deps, 0);
}
