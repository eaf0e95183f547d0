import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '#server/db/database.ts';
import type { MissedStart } from '#server/db/notification-tables.ts';

/** Least time between two notes of failing cases while a run goes on, in seconds. */
const failingEverySeconds = 60;

interface RunToNote {
  id: string;
  projectId: string;
}

/** Wakes the processes that send notifications. */
export interface Notifier {
  /** Call it after the commit of a transaction that noted an event. Returns at once and never throws. */
  wake(): void;
}

/**
 * Notes that a run has ended, in the transaction of the change itself, so that neither exists without the other. Resolves to
 * whether a rule may want this event.
 */
export function noteSettled(trx: Trx, run: RunToNote): Promise<boolean> {
  return noteRun(trx, run, 'settled', sql`true`);
}

/** Like `noteSettled`, for a run of a commit that has started: for commit statuses. */
export function noteStarted(trx: Trx, run: RunToNote): Promise<boolean> {
  return noteRun(trx, run, 'started', sql`target @> '{"kind": "github"}'`);
}

/** Like `noteSettled`, for failed cases of a run that goes on: for comments in its pull request. */
export function noteFailing(trx: Trx, run: RunToNote): Promise<boolean> {
  const isNew = sql`not exists (select from notification_deliveries where run_id = ${run.id} and event = 'failing'
    and created_at > now() - ${failingEverySeconds} * interval '1 second')`;
  return noteRun(trx, run, 'failing', sql`target @> '{"kind": "github", "comment": true}' and ${isNew}`);
}

/** `wants`: the SQL condition on rules that want the event. */
async function noteRun(trx: Trx, run: RunToNote, kind: string, wants: RawBuilder<unknown>): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into notification_events (project_id, kind, run_id)
    select ${run.projectId}, ${kind}, ${run.id}
    where exists (select from notification_rules where project_id = ${run.projectId} and enabled and ${wants})
    on conflict do nothing`.execute(trx);
  return numAffectedRows === 1n;
}

/** Like `noteSettled`, for a job that did not start when it was due. */
export async function noteMissedStart(
  trx: Trx,
  job: { id: string; projectId: string },
  missed: MissedStart,
): Promise<void> {
  await sql`
    insert into notification_events (project_id, kind, job_id, details)
    select ${job.projectId}, 'start_missed', ${job.id}, ${JSON.stringify(missed)}::jsonb
    where exists (select from notification_rules where project_id = ${job.projectId} and enabled)`.execute(trx);
}
