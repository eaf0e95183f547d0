import { runCancelChannel } from '#shared/channels.ts';
import { reportSilentMs } from '#shared/reports.ts';
import { isTerminal, type RunStatus } from '#shared/run-status.ts';
import type { Actor } from '#server/identity/actor.ts';
import { recordAudit } from '#server/audit/record-audit.ts';
import { ago } from '#server/db/ago.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { commitRun, type RunWriter } from './commit-run.ts';
import { getRun } from './queries.ts';
import type { RunRow } from './run-state.ts';
import type { RunDispatcher } from './enqueue-run.ts';

/**
 * Cancels a run. A queued run is cancelled when this resolves, and so is a reported one without a living reporter; worker
 * or reporter stop a running one soon after. Asking again changes nothing. Throws NOT_FOUND, and CONFLICT when the run is over.
 */
export async function cancelRun(
  deps: RunWriter & { runQueue: RunDispatcher },
  actor: Actor,
  runId: string,
): Promise<{ runId: string; status: RunStatus }> {
  const by = actor.name;
  while (true) {
    const run = await getRun(deps.db, actor.projectId, runId);
    const alongside = (trx: Trx) =>
      recordAudit(trx, actor, { action: 'run.cancelled', target: { kind: 'run', id: runId, name: run.name } });
    const isFirst = run.cancelRequestedAt === null;
    if (isTerminal(run.status))
      throw new AppError('CONFLICT', `The run is over (${run.status}); there is nothing to cancel.`);

    if (run.status === 'running' && (await isExecuted(deps.db, run))) {
      const asked = await commitRun(deps, runId, { from: ['running'], cancelRequested: { by }, alongside });
      if (!asked && isFirst) continue;
      deps.publisher.publish([{ channel: runCancelChannel(runId), message: '{}' }]);
      return { runId, status: 'running' };
    }

    const cancelled = await commitRun(deps, runId, {
      from: [run.status],
      to: 'cancelled',
      errorDetails: run.status === 'queued' ? 'Cancelled before it started.' : whyUnheard[run.origin],
      ...(isFirst && { cancelRequested: { by }, alongside }),
    });
    // Somebody has just claimed or changed the run.
    if (!cancelled) continue;
    if (run.kind === 'suite') deps.publisher.publish([{ channel: runCancelChannel(runId), message: '{}' }]);
    if (run.origin === 'worker') await removeEntries(deps, run).catch(() => {});
    return { runId, status: 'cancelled' };
  }
}

const whyUnheard = {
  reporter: 'Cancelled while nothing was heard of its reporter.',
  worker: 'Cancelled while no part was being executed.',
};

/** If an entry stays, a worker finds the run cancelled and drops it. */
async function removeEntries({ db, runQueue }: { db: Database; runQueue: RunDispatcher }, { id, kind }: RunRow) {
  if (kind !== 'suite') return runQueue.remove(id);
  const parts = await db.selectFrom('runParts').select('part').where('runId', '=', id).execute();
  await Promise.all(parts.map(({ part }) => runQueue.remove(id, part)));
}

/** Whether a process is there that stops the run. For a worker, the sweeper sees to that. */
async function isExecuted(db: Database, { id, kind, origin }: RunRow): Promise<boolean> {
  if (kind !== 'suite') return true;
  const living = await db
    .selectFrom('runParts')
    .select('part')
    .where('runId', '=', id)
    .where('status', '=', 'running')
    .$if(origin === 'reporter', (query) => query.where('heartbeatAt', '>', ago(reportSilentMs)))
    .limit(1)
    .executeTakeFirst();
  return living !== undefined;
}
