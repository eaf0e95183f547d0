import type { Database } from '#server/db/database.ts';
import type { Schedules } from './schedules.ts';
import { resolveSchedule } from './cron.ts';
import { findSchedules, getJob } from './queries.ts';
import type { Logger } from '#server/lib/logger.ts';

/** What putting schedules in force needs. */
export interface ScheduleServices {
  db: Database;
  schedules: Schedules;
  logger: Logger;
}

/** Puts one job's schedule in force as its row says. What fails here is made up for by `syncSchedules`. */
export async function syncSchedule(
  { db, schedules, logger }: ScheduleServices,
  projectId: string,
  jobId: string,
): Promise<void> {
  const { schedule, timezone, enabled, archivedAt } = await getJob(db, projectId, jobId);
  try {
    await schedules.set(
      jobId,
      schedule && enabled && !archivedAt ? { schedule: resolveSchedule(schedule, jobId), timezone } : null,
    );
  } catch (error) {
    logger.warn({ err: error, jobId }, 'could not change the schedule; it is tried again');
  }
}

/** Puts exactly the schedules in force that the jobs have. */
export async function syncSchedules({ db, schedules }: ScheduleServices): Promise<void> {
  await schedules.reconcile(await findSchedules(db));
}
