import { runCancelChannel } from '#shared/channels.ts';
import { isTerminal, type RunStatus } from '#shared/run-status.ts';
import type { Actor } from '#server/identity/actor.ts';
import { recordAudit } from '#server/audit/record-audit.ts';
import type { Trx } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { commitRun, type RunWriter } from './commit-run.ts';
import { getRun } from './queries.ts';
import type { RunDispatcher } from './start-run.ts';

/**
 * Cancels a run. A queued run is cancelled when this resolves; the worker stops a running one soon after. Asking again
 * changes nothing. Throws NOT_FOUND, and CONFLICT when the run is over.
 */
export async function cancelRun(
  deps: RunWriter & { runQueue: RunDispatcher },
  actor: Actor,
  runId: string,
): Promise<{ runId: string; status: RunStatus }> {
  while (true) {
    const run = await getRun(deps.db, actor.projectId, runId);
    const alongside = (trx: Trx) =>
      recordAudit(trx, actor, { action: 'run.cancelled', target: { kind: 'run', id: runId, name: run.name } });
    if (isTerminal(run.status))
      throw new AppError('CONFLICT', `The run is over (${run.status}); there is nothing to cancel.`);

    if (run.status === 'running') {
      const asked = await commitRun(deps, runId, { from: ['running'], cancelRequested: true, alongside });
      if (!asked && run.cancelRequestedAt === null) continue;
      deps.publisher.publish([{ channel: runCancelChannel(runId), message: '{}' }]);
      return { runId, status: 'running' };
    }

    const cancelled = await commitRun(deps, runId, {
      from: ['queued'],
      to: 'cancelled',
      errorDetails: 'Cancelled before it started.',
      alongside,
    });
    // A worker has just claimed the run.
    if (!cancelled) continue;
    // If the entry stays, a worker finds the run cancelled and drops it.
    await deps.runQueue.remove(runId).catch(() => {});
    return { runId, status: 'cancelled' };
  }
}
