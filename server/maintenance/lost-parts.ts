import { sql } from 'kysely';
import { ago } from '#server/db/ago.ts';
import { liveStatuses } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import type { RunQueue } from '#server/queue/run-queue.ts';
import { endPart } from '#server/reports/end-part.ts';
import { commitRun, type RunWriter } from '#server/runs/commit-run.ts';
import { hasFetchEnded, isToFetch } from '#server/suites/awaits-fetch.ts';

/** A part of a suite's run is lost when its worker gives no sign of life for this long, in ms. */
export const lostPartMs = 25_000;

interface LostPart {
  runId: string;
  part: number;
  session: string;
  workerId: string;
  attempt: number;
  acknowledged: number;
  isCancelled: boolean;
  hasBegunCases: boolean;
}

/**
 * Settles the parts of suites' runs that have lost their worker. If none of its cases has begun, a part goes back to the queue for
 * another worker, but only once. All others end as `worker_lost`; the other parts of their runs go on.
 */
export async function settleLostParts(deps: RunWriter & { runQueue: RunQueue }, silentForMs: number): Promise<void> {
  const { rows } = await sql<LostPart>`
    select run_id, part, session, run_parts.worker_id, attempt, acknowledged,
      run.cancel_requested_at is not null as is_cancelled,
      exists (select from run_cases as of_part where of_part.run_id = run.id and of_part.part = run_parts.part
        and of_part.status <> 'pending') as has_begun_cases
    from run_parts join runs as run on run.id = run_id
    where run.origin = 'worker' and run.kind = 'suite' and session is not null and run_parts.completed_at is null
      and run_parts.heartbeat_at < ${ago(silentForMs)}
    order by run_id, part limit 1000`.execute(deps.db);
  for (const lost of rows) {
    const { runId, part, session, workerId, isCancelled } = lost;
    if (!isCancelled && lost.attempt === 1 && !lost.hasBegunCases) {
      const { acknowledged } = lost;
      const text = `The worker that executed part ${part + 1} (${workerId}) is gone before a case began: another one takes it.\n`;
      const queued = await commitRun(deps, runId, {
        from: ['running'],
        part: { part, session, acknowledged, silentForMs, requeue: true },
        events: [{ type: 'log', stream: 'stderr', text }],
      });
      if (queued) await deps.runQueue.add(runId, part);
    } else {
      const next = isCancelled ? 'Its cancellation was requested.' : 'Run what has not passed again.';
      await endPart(
        deps,
        { runId, part, session, silentForMs },
        {
          status: isCancelled ? 'cancelled' : 'error',
          code: 'worker_lost',
          details: `The worker that executed the part (${workerId}) is gone. ${next}`,
        },
      );
    }
  }
}

/**
 * Adds parts of suites' runs to the queue if they have had the status queued for `queuedForMs` and are not in the queue. Parts that
 * wait until the first part has fetched the bundle are left out.
 */
export async function enqueueForgottenParts(
  { db, runQueue }: { db: Database; runQueue: RunQueue },
  queuedForMs: number,
): Promise<void> {
  const queued = await db
    .selectFrom('runs')
    .innerJoin('runParts as part', 'part.runId', 'runs.id')
    .select(['part.runId', 'part.part'])
    .where('runs.status', 'in', liveStatuses)
    .where('kind', '=', 'suite')
    .where('origin', '=', 'worker')
    .where('cancelRequestedAt', 'is', null)
    .where('part.status', '=', 'queued')
    .where(sql<boolean>`(part.part = 0 or not ${isToFetch} or ${hasFetchEnded})`)
    .where('queuedAt', '<', ago(queuedForMs))
    .orderBy('part.runId')
    .orderBy('part.part')
    .limit(200)
    .execute();
  for (const { runId, part } of queued) if (!(await runQueue.carries(runId, part))) await runQueue.add(runId, part);
}
