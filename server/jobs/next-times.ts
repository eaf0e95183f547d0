import { CronExpressionParser } from 'cron-parser';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * The next times at which a valid schedule is due after `after` and until `until` (ms since 1970; default: without end), as ms
 * since 1970; at most `count`, and fewer when it ends.
 *
 * A schedule for every hour follows elapsed time: it goes on through changes of the clock. Any other is due once at each
 * time of the wall clock: where the clock skips that time, as much later as the clock skips; where the clock shows it twice,
 * the first time.
 */
export function nextTimes(
  schedule: string,
  timezone: string,
  { after, until = Infinity, count = Infinity }: { after: number; until?: number; count?: number },
): number[] {
  const start = (tz: string, at: number) => CronExpressionParser.parse(schedule, { tz, currentDate: new Date(at) });
  const parsed = start(timezone, after);
  const isHourly = parsed.fields.hour.values.length === 24;
  const offsetAt = offsetsOf(timezone);
  // A day earlier, since the clock may have skipped times that are yet to come.
  const going = isHourly ? parsed : start('UTC', after + offsetAt(after) - dayMs);
  const times = new Set<number>();
  try {
    while (times.size < count) {
      const due = going.next().getTime();
      const time = isHourly ? due : instantOf(due, offsetAt);
      if (time > until + dayMs) break;
      if (time > after && time <= until) times.add(time);
    }
  } catch {
    // The schedule ends.
  }
  return [...times];
}

/**
 * The newest times at which a schedule was due after `after` and until `until`, as `nextTimes` says, the oldest first; at most
 * `count`. What was due long before them costs nothing.
 */
export function lastTimes(
  schedule: string,
  timezone: string,
  { after, until, count }: { after: number; until: number; count: number },
): number[] {
  for (let span = hourMs; ; span *= 4) {
    const from = Math.max(after, until - span);
    const times = nextTimes(schedule, timezone, { after: from, until });
    if (times.length >= count || from === after) return times.toSorted((a, b) => a - b).slice(-count);
  }
}

/** When a wall clock shows a time, which is given as if the clock were that of UTC. */
function instantOf(wall: number, offsetAt: (time: number) => number): number {
  const before = offsetAt(wall - dayMs);
  const after = offsetAt(wall + dayMs);
  const isShown = (offset: number) => offsetAt(wall - offset) === offset;
  if (isShown(before) || !isShown(after)) return wall - before;
  return wall - after;
}

/** How far the zone's clock is ahead of UTC at a time, in ms. */
function offsetsOf(timezone: string): (time: number) => number {
  const clock = new Intl.DateTimeFormat('en', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (time) => {
    const parts = Object.fromEntries(clock.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
    const { year, month, day, hour, minute, second } = parts as Record<string, number>;
    return Date.UTC(year!, month! - 1, day, hour, minute, second) - Math.floor(time / 1_000) * 1_000;
  };
}
