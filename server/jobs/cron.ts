import { CronExpressionParser } from 'cron-parser';
import cronstrue from 'cronstrue';
import { AppError, errorMessage } from '#server/lib/errors.ts';

/** Throws BAD_REQUEST naming `timezone` for what is no IANA time zone. */
export function checkTimezone(timezone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
  } catch {
    throw new AppError('BAD_REQUEST', `"${timezone}" is not a time zone; use an IANA name such as "Europe/Berlin"`, {
      field: 'timezone',
    });
  }
}

/** Throws BAD_REQUEST naming `schedule` for what is no cron expression or never comes. */
export function checkSchedule(schedule: string, timezone: string): void {
  const fields = schedule.trim().split(/\s+/).length;
  const isAlias = schedule.startsWith('@');
  if (!isAlias && fields !== 5 && fields !== 6)
    throw new AppError(
      'BAD_REQUEST',
      `a cron expression has five fields (minute hour day month weekday), such as "0 7 * * 1-5", or six with seconds first; this one has ${fields}`,
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

/** A valid schedule in words, such as `Every weekday at 07:00`; the expression itself where there are none. */
export function describeSchedule(schedule: string): string {
  try {
    return cronstrue
      .toString(schedule, { use24HourTimeFormat: true })
      .replace(/^At ([\d:]+(?: and [\d:]+)?)$/, 'Every day at $1')
      .replace(/^At ([\d:]+(?: and [\d:]+)?), Monday through Friday$/, 'Every weekday at $1')
      .replace(/^At ([\d:]+(?: and [\d:]+)?), only on (\w+)$/, 'Every $2 at $1');
  } catch {
    return schedule;
  }
}

/** When a valid schedule is due next, ISO-8601; fewer than `count` times when it ends. */
export function nextTimes(schedule: string, timezone: string, count: number): string[] {
  const times = CronExpressionParser.parse(schedule, { tz: timezone });
  return times.take(count).flatMap((time) => time.toISOString() ?? []);
}

export type SchedulePreview =
  { problem: null; text: string; nextTimes: string[] } | { problem: string; text: null; nextTimes: [] };

/** A schedule in words and the next three times at which it is due, or what is wrong with it. */
export function previewSchedule(schedule: string, timezone: string): SchedulePreview {
  try {
    checkTimezone(timezone);
    checkSchedule(schedule, timezone);
  } catch (error) {
    return { problem: errorMessage(error), text: null, nextTimes: [] };
  }
  return { problem: null, text: describeSchedule(schedule), nextTimes: nextTimes(schedule, timezone, 3) };
}

/** When the schedule comes next, ISO-8601; null when it never does. */
export function nextRunAt(job: { schedule: string | null; timezone: string; enabled: boolean }): string | null {
  if (!job.schedule || !job.enabled) return null;
  try {
    return nextTimes(job.schedule, job.timezone, 1)[0] ?? null;
  } catch {
    return null;
  }
}
