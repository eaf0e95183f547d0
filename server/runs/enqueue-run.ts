import { liveStatuses } from '#shared/run-status.ts';
import { takeLock } from '#server/db/advisory-locks.ts';
import type { Trx } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import type { Logger } from '#server/lib/logger.ts';
import { traced } from '#server/lib/traced.ts';
import type { RunWriter } from './commit-run.ts';
import { type CommittedRun, publishRun } from './publish-run.ts';
import { sourceOf } from './run-state.ts';

/** What starting and cancelling runs need of the queue. Parts of a suite's run have entries of their own. */
export interface RunDispatcher {
  /** Does nothing for a run or part that the queue already carries. */
  add(runId: string, part?: number): Promise<void>;
  remove(runId: string, part?: number): Promise<void>;
}

export interface RunStarter extends RunWriter {
  runQueue: RunDispatcher;
  queuedCapacity: number;
  logger: Logger;
}

interface ToEnqueue {
  /** The test, job or suite: see `sourceOf`. */
  sourceId: string;
  idempotencyKey?: string | null | undefined;
  /** Parts of the run, each with an entry in the queue; default: one entry for the whole run. */
  parts?: number;
  /** So many parts get their entries now, and others when there is something to do for them; default: all. */
  entries?: number;
}

/**
 * Inserts a run and adds it to the queue. An idempotency key that was used before returns the id of the earlier run. Throws
 * TOO_MANY_REQUESTS when the queue is full, and CONFLICT when the key was used for another test, job or suite.
 */
export function enqueueRun(
  starter: RunStarter,
  projectId: string,
  of: ToEnqueue,
  insert: (trx: Trx) => Promise<CommittedRun>,
): Promise<{ runId: string }> {
  return traced('enqueue run', async (span) => {
    const enqueued = await insertAndEnqueue(starter, projectId, of, insert);
    span.setAttribute('runlight.run.id', enqueued.runId);
    return enqueued;
  });
}

async function insertAndEnqueue(
  starter: RunStarter,
  projectId: string,
  of: ToEnqueue,
  insert: (trx: Trx) => Promise<CommittedRun>,
): Promise<{ runId: string }> {
  const inserted = await starter.db.transaction().execute(async (trx) => {
    await takeLock(trx, 'enqueue');
    const earlier = await findEarlier(trx, projectId, of);
    if (earlier) return { runId: earlier };
    await checkCapacity(trx, starter.queuedCapacity, of.parts ?? 1);
    return insert(trx);
  });
  if (!('run' in inserted)) return inserted;

  publishRun(starter, inserted);
  const runId = inserted.run.id;
  const entries =
    of.parts === undefined ? [undefined] : Array.from({ length: of.entries ?? of.parts }, (_, part) => part);
  // The row decides whether the run is queued. The sweeper adds queued runs that the queue does not carry.
  await Promise.all(entries.map((part) => starter.runQueue.add(runId, part))).catch((error: unknown) => {
    starter.logger.warn({ err: error, runId }, 'could not enqueue the run; the sweeper tries again');
  });
  return { runId };
}

async function findEarlier(
  trx: Trx,
  projectId: string,
  { idempotencyKey, sourceId }: ToEnqueue,
): Promise<string | undefined> {
  if (!idempotencyKey) return undefined;
  const run = await trx
    .selectFrom('runs')
    .select(['id', 'name', 'testId', 'jobId', 'suiteId'])
    .where('projectId', '=', projectId)
    .where('idempotencyKey', '=', idempotencyKey)
    .executeTakeFirst();
  if (run && sourceOf(run).id !== sourceId)
    throw new AppError(
      'CONFLICT',
      `The idempotency key was used for a run of "${run.name}" (${run.id}); use another.`,
      {
        field: 'idempotencyKey',
      },
    );
  return run?.id;
}

async function checkCapacity(trx: Trx, queuedCapacity: number, needed: number): Promise<void> {
  const { queued } = await trx
    .selectFrom('runs')
    .innerJoin('runParts', 'runId', 'id')
    .select((eb) => eb.fn.countAll<number>().as('queued'))
    .where('runs.status', 'in', liveStatuses)
    .where('origin', '=', 'worker')
    .where('runParts.status', '=', 'queued')
    .executeTakeFirstOrThrow();
  if (queued + needed <= queuedCapacity) return;
  const more = needed === 1 ? '' : ` and this one has ${needed} parts, which count as runs`;
  throw new AppError(
    'TOO_MANY_REQUESTS',
    `Queue full: ${queued} of ${queuedCapacity} runs are waiting${more} (QUEUED_CAPACITY). Try again later, or cancel some.`,
  );
}
