import { CronExpressionParser } from 'cron-parser';
import { AppError, errorMessage } from '#server/lib/errors.ts';
import { nextTimes } from './next-times.ts';
import { describeSchedule } from './schedule-words.ts';

/** Throws BAD_REQUEST naming `timezone` for a name that is not an IANA time zone. */
export function checkTimezone(timezone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
  } catch {
    throw new AppError('BAD_REQUEST', `"${timezone}" is not a time zone; use an IANA name such as "Europe/Berlin"`, {
      field: 'timezone',
    });
  }
}

/** Throws BAD_REQUEST naming `schedule` for a text that is not a cron expression, and for one that is never due. */
export function checkSchedule(schedule: string, timezone: string): void {
  const fields = schedule.trim().split(/\s+/).length;
  const isAlias = schedule.startsWith('@');
  if (!isAlias && fields !== 5 && fields !== 6)
    throw new AppError(
      'BAD_REQUEST',
      `must have five fields (minute hour day month weekday), such as "0 7 * * 1-5", or six with seconds first; this one has ${fields}`,
      { field: 'schedule' },
    );
  try {
    CronExpressionParser.parse(schedule, { tz: timezone }).next();
  } catch (error) {
    throw new AppError('BAD_REQUEST', `"${schedule}" is not a valid cron expression: ${errorMessage(error)}`, {
      field: 'schedule',
      cause: error,
    });
  }
}

const hasHash = (schedule: string) => /(^|[\s,])H/.test(schedule);

/** A valid schedule with each `H` (Jenkins' spelling of "some value") replaced by the one value that belongs to the job. */
export function resolveSchedule(schedule: string, jobId: string): string {
  if (!hasHash(schedule)) return schedule;
  const withSeconds = schedule.trim().split(/\s+/).length === 6;
  return CronExpressionParser.parse(schedule, { hashSeed: jobId }).stringify(withSeconds);
}

export type SchedulePreview =
  /** `isResolved`: every H of the schedule has its value. */
  | { problem: null; text: string; nextTimes: string[]; isResolved: boolean }
  | { problem: string; text: null; nextTimes: [] };

/**
 * A schedule in words and its next five times, or what is wrong with it. Without the id of a job, an `H` has no value yet,
 * and so the schedule no times.
 */
export function previewSchedule(schedule: string, timezone: string, jobId?: string): SchedulePreview {
  try {
    checkTimezone(timezone);
    checkSchedule(schedule, timezone);
  } catch (error) {
    return { problem: errorMessage(error), text: null, nextTimes: [] };
  }
  if (hasHash(schedule) && jobId === undefined)
    return {
      problem: null,
      text: `${schedule}: each H gets its value when the job is saved`,
      nextTimes: [],
      isResolved: false,
    };
  const resolved = jobId === undefined ? schedule : resolveSchedule(schedule, jobId);
  return { problem: null, text: describeSchedule(resolved), nextTimes: toIso(resolved, timezone, 5), isResolved: true };
}

const toIso = (schedule: string, timezone: string, count: number) =>
  nextTimes(schedule, timezone, { after: Date.now(), count }).map((time) => new Date(time).toISOString());

/** What lists and pages say of a job's schedule: in words, with `H` resolved, and when it is due next; null when it never is. */
export function scheduleOf(job: { id: string; schedule: string | null; timezone: string; enabled: boolean }): {
  scheduleText: string | null;
  nextRunAt: string | null;
} {
  if (!job.schedule) return { scheduleText: null, nextRunAt: null };
  const schedule = resolveSchedule(job.schedule, job.id);
  return {
    scheduleText: describeSchedule(schedule),
    nextRunAt: job.enabled ? (toIso(schedule, job.timezone, 1)[0] ?? null) : null,
  };
}
