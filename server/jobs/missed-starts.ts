import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { type MissedStartReason, missedStartReasons } from '#shared/schedule-rules.ts';
import { recordAudit } from '#server/audit/record-audit.ts';
import { ago } from '#server/db/ago.ts';
import type { Database } from '#server/db/database.ts';
import { scheduleActor } from '#server/identity/actor.ts';
import { noteMissedStart, type Notifier } from '#server/notifications/outbox/note-event.ts';

/** How many the pages show. */
const shown = 20;

/**
 * Records, with an audit event, that a job did not start at these times (ms since 1970). `details` is a sentence. A second call
 * changes nothing.
 */
export async function recordMissedStarts(
  { db, notifier }: { db: Database; notifier: Notifier },
  job: { id: string; projectId: string; name: string },
  reason: MissedStartReason,
  dueTimes: readonly number[],
  details: string | null = null,
): Promise<void> {
  if (dueTimes.length === 0) return;
  await db.transaction().execute(async (trx) => {
    const missed = await trx
      .insertInto('missedStarts')
      .values(dueTimes.map((due) => ({ id: uuidv7(), jobId: job.id, dueAt: new Date(due), reason, details })))
      .onConflict((conflict) => conflict.columns(['jobId', 'dueAt']).doNothing())
      .returning('dueAt')
      .execute();
    for (const { dueAt } of missed) {
      await recordAudit(trx, scheduleActor(job.projectId), {
        action: 'job.start_missed',
        target: { kind: 'job', id: job.id, name: job.name },
        details: { reason, dueAt },
      });
      await noteMissedStart(trx, job, { dueAt, reason, details });
    }
  });
  notifier.wake();
}

/** The last starts that a job missed, the newest first. `runId`: the run that made up for it. */
export function findMissedStarts(db: Database, jobId: string) {
  return db
    .selectFrom('missedStarts')
    .select(['dueAt', 'reason', 'details', 'runId'])
    .where('jobId', '=', jobId)
    .orderBy('dueAt', 'desc')
    .limit(shown)
    .execute();
}

/** Of each job that missed a start which no run has followed: the newest. */
export async function findUnansweredMisses(db: Database, jobIds: readonly string[]) {
  if (jobIds.length === 0) return new Map<string, never>();
  const { rows } = await sql<{ jobId: string; dueAt: string; reason: MissedStartReason }>`
    select distinct on (missed.job_id) missed.job_id, missed.due_at, missed.reason from missed_starts missed
    where missed.job_id = any(${jobIds}::uuid[]) and missed.run_id is null
      and not exists (select from runs where runs.job_id = missed.job_id and runs.queued_at >= missed.due_at)
    order by missed.job_id, missed.due_at desc`.execute(db);
  return new Map(rows.map(({ jobId, ...missed }) => [jobId, missed]));
}

/** Starts that jobs missed in the last day, over all projects, by reason. */
export async function countMissedStarts(db: Database): Promise<Record<MissedStartReason, number>> {
  const rows = await db
    .selectFrom('missedStarts')
    .select(['reason', (eb) => eb.fn.countAll<number>().as('count')])
    .where('createdAt', '>', ago(24 * 3_600_000))
    .groupBy('reason')
    .execute();
  const counts = new Map(rows.map(({ reason, count }) => [reason, count]));
  return Object.fromEntries(missedStartReasons.map((reason) => [reason, counts.get(reason) ?? 0])) as Record<
    MissedStartReason,
    number
  >;
}

/** Removes records that are older than `days`; 0: none. */
export async function removeOldMissedStarts(db: Database, days: number): Promise<void> {
  if (days === 0) return;
  await db
    .deleteFrom('missedStarts')
    .where('createdAt', '<', ago(days * 24 * 3_600_000))
    .execute();
}
