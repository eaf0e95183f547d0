import { sql } from 'kysely';
import { liveStatuses } from '#shared/run-status.ts';
import type { CatchUpRule, OverlapRule } from '#shared/schedule-rules.ts';
import type { Database } from '#server/db/database.ts';
import { scheduleActor } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';
import { cancelRun } from '#server/runs/cancel-run.ts';
import type { RunStarter } from '#server/runs/enqueue-run.ts';
import { NoBundleError } from '#server/runs/no-bundle-error.ts';
import { resolveSchedule } from './cron.ts';
import { recordMissedStarts } from './missed-starts.ts';
import { lastTimes } from './next-times.ts';
import { runJob } from './run-job.ts';

/** A start that is later than this, in ms, was due while Runlight was not running. */
const punctualMs = 60_000;
/** Most starts of one job that count after a long absence, the newest ones; a run or record of each older one would be no use. */
const mostDueTimes = 100;

interface DueJob {
  id: string;
  projectId: string;
  name: string;
  schedule: string;
  timezone: string;
  overlap: OverlapRule;
  catchUp: CatchUpRule;
  /** All starts that were due up to this time have happened, or are recorded as missed. */
  handledUntil: string;
}

/**
 * Starts a due job by its rules. It is due at `dueAt` (ms since 1970), and may have become due again since. Every due time since
 * the last call becomes a run or a record of a missed start, also after Runlight was away. An archived or disabled job is left alone.
 * Repeating a call changes nothing.
 */
export async function startDueJob(
  starter: RunStarter,
  { jobId, dueAt }: { jobId: string; dueAt: number },
): Promise<void> {
  const job = await findDueJob(starter.db, jobId);
  if (!job) return;
  const now = Date.now();
  const dueTimes = dueTimesOf(job, Math.max(dueAt, now));
  const lastOnTime = dueTimes.findLastIndex((due) => now - due > punctualMs);
  const [late, onTime] = [dueTimes.slice(0, lastOnTime + 1), dueTimes.slice(lastOnTime + 1)];
  const madeUp = job.catchUp === 'all' ? late : job.catchUp === 'last' && onTime.length === 0 ? late.slice(-1) : [];
  await recordMissedStarts(starter, job, 'not_running', late.slice(0, late.length - madeUp.length));
  for (const due of [...madeUp, ...onTime]) await startOrRecord(starter, job, due);
  const handled = dueTimes.at(-1);
  if (handled === undefined) return;
  await starter.db
    .updateTable('jobs')
    .set({ handledUntil: sql<string>`greatest(handled_until, ${new Date(handled).toISOString()}::timestamptz)` })
    .where('id', '=', job.id)
    .execute();
}

/** The times at which the job was due since its last start was handled, the newest 100 at most. */
function dueTimesOf({ id, schedule, timezone, handledUntil }: DueJob, until: number): number[] {
  return lastTimes(resolveSchedule(schedule, id), timezone, {
    after: Date.parse(handledUntil),
    until,
    count: mostDueTimes,
  });
}

async function startOrRecord(starter: RunStarter, job: DueJob, due: number): Promise<void> {
  try {
    if (job.overlap !== 'queue' && !(await endOverlap(starter, job, due)))
      return await recordMissedStarts(starter, job, 'still_running', [due]);
    await runScheduled(starter, job, due);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error instanceof NoBundleError)
      return await recordMissedStarts(starter, job, 'no_bundle', [due], error.message);
    if (error.code === 'TOO_MANY_REQUESTS') return await recordMissedStarts(starter, job, 'queue_full', [due]);
    // The job was archived meanwhile, or has no tests left.
    if (error.code !== 'CONFLICT' && error.code !== 'BAD_REQUEST') throw error;
  }
}

function runScheduled(starter: RunStarter, job: { id: string; projectId: string }, due: number) {
  return runJob(starter, scheduleActor(job.projectId), {
    jobId: job.id,
    trigger: 'schedule',
    idempotencyKey: keyOf(job.id, due),
  });
}

const keyOf = (jobId: string, due: number) => `schedule:${jobId}:${due}`;

/** True if no other scheduled run of the job is under way, or if the job's rules have cancelled those runs. */
async function endOverlap(starter: RunStarter, job: DueJob, due: number): Promise<boolean> {
  const unfinished = await starter.db
    .selectFrom('runs')
    .select('id')
    .where('jobId', '=', job.id)
    .where('trigger', '=', 'schedule')
    .where('status', 'in', liveStatuses)
    .where('idempotencyKey', '!=', keyOf(job.id, due))
    .execute();
  if (unfinished.length === 0) return true;
  if (job.overlap !== 'cancel-running') return false;
  for (const { id } of unfinished)
    await cancelRun(starter, scheduleActor(job.projectId), id).catch((error: unknown) => {
      // It ended meanwhile.
      if (!(error instanceof AppError && error.code === 'CONFLICT')) throw error;
    });
  return true;
}

/**
 * Makes up, once there is room, for starts that found the queue full: the newest start of each job, or all if the job catches up
 * with all. A missed start stays as it is if a later start of the job has followed, and becomes `no_bundle` if its suite has no
 * bundle by then.
 */
export async function makeUpStarts(starter: RunStarter): Promise<void> {
  const { rows } = await sql<{ id: string; dueAt: string; jobId: string; projectId: string }>`
    select missed.id, missed.due_at, jobs.id as job_id, jobs.project_id from missed_starts missed
    join jobs on jobs.id = missed.job_id
    where missed.reason = 'queue_full' and missed.run_id is null and jobs.enabled and jobs.archived_at is null
      and jobs.schedule is not null
      and (jobs.catch_up = 'all' or not exists (
        select from missed_starts later where later.job_id = missed.job_id and later.due_at > missed.due_at))
      and not exists (
        select from runs where runs.job_id = missed.job_id and runs.trigger = 'schedule' and
          (runs.queued_at > missed.due_at and jobs.catch_up <> 'all' or
            jobs.overlap <> 'queue' and runs.status = any(${[...liveStatuses]})))
    order by missed.due_at limit 100`.execute(starter.db);
  for (const { id, dueAt, jobId, projectId } of rows) {
    try {
      const { runId } = await runScheduled(starter, { id: jobId, projectId }, Date.parse(dueAt));
      await starter.db.updateTable('missedStarts').set({ runId }).where('id', '=', id).execute();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error instanceof NoBundleError)
        await starter.db
          .updateTable('missedStarts')
          .set({ reason: 'no_bundle', details: error.message })
          .where('id', '=', id)
          .execute();
      // The queue is still full, so the other starts have to wait, too.
      if (error.code === 'TOO_MANY_REQUESTS') return;
    }
  }
}

async function findDueJob(db: Database, jobId: string): Promise<DueJob | undefined> {
  const job = await db
    .selectFrom('jobs')
    .select(['id', 'projectId', 'name', 'schedule', 'timezone', 'overlap', 'catchUp', 'handledUntil'])
    .where('id', '=', jobId)
    .where('enabled', '=', true)
    .where('archivedAt', 'is', null)
    .executeTakeFirst();
  return job?.schedule ? { ...job, schedule: job.schedule } : undefined;
}
