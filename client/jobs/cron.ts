/** A cron expression, each field as the set of values that match. */
interface Cron {
  second: ReadonlySet<number>;
  minute: ReadonlySet<number>;
  hour: ReadonlySet<number>;
  day: ReadonlySet<number>;
  month: ReadonlySet<number>;
  weekday: ReadonlySet<number>;
  /** Cron's oddity: if both day fields are given, one of them is enough. */
  eitherDay: boolean;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const daysAhead = 366 * 5;

/** Reads five fields, or six with seconds first. Null for what it does not know; the server has the last word. */
export function parseCron(expression: string): Cron | null {
  const fields = expression.trim().split(/\s+/);
  if (fields.length === 5) fields.unshift('0');
  if (fields.length !== 6) return null;
  const [s, m, h, d, mo, w] = fields as [string, string, string, string, string, string];
  const second = parseField(s, 0, 59);
  const minute = parseField(m, 0, 59);
  const hour = parseField(h, 0, 23);
  const day = parseField(d, 1, 31);
  const month = parseField(mo, 1, 12, months, 1);
  const weekday = parseField(w, 0, 7, weekdays);
  if (!second || !minute || !hour || !day || !month || !weekday) return null;
  if (weekday.has(7)) weekday.add(0);
  return { second, minute, hour, day, month, weekday, eitherDay: !isAny(d) && !isAny(w) };
}

/** The next `count` times after `after` (epoch ms) at which a schedule is due, by the clock of `timeZone`. */
export function nextTimes(cron: Cron, timeZone: string, after: number, count: number): number[] {
  const times: number[] = [];
  const clock = clockOf(timeZone);
  const start = wallClock(after, clock);
  const sorted = (values: ReadonlySet<number>) => [...values].sort((a, b) => a - b);
  const [hours, minutes, seconds] = [sorted(cron.hour), sorted(cron.minute), sorted(cron.second)];

  for (let ahead = 0; ahead < daysAhead; ahead += 1) {
    const date = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate() + ahead));
    if (!isDue(cron, date)) continue;
    for (const hour of hours) {
      for (const minute of minutes) {
        for (const second of seconds) {
          const wall = date.getTime() + (hour * 3_600 + minute * 60 + second) * 1_000;
          if (wall <= start.getTime()) continue;
          const time = instant(wall, clock);
          if (time === null || time <= after) continue;
          times.push(time);
          if (times.length === count) return times;
        }
      }
    }
  }
  return times;
}

function isDue(cron: Cron, date: Date): boolean {
  if (!cron.month.has(date.getUTCMonth() + 1)) return false;
  const day = cron.day.has(date.getUTCDate());
  const weekday = cron.weekday.has(date.getUTCDay());
  return cron.eitherDay ? day || weekday : day && weekday;
}

const isAny = (field: string) => field === '*' || field === '?';

function parseField(field: string, min: number, max: number, names: string[] = [], firstName = 0): Set<number> | null {
  const values = new Set<number>();
  const valueOf = (text: string) => {
    const name = names.indexOf(text.toLowerCase());
    if (name >= 0) return name + firstName;
    return /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  };
  for (const part of field.split(',')) {
    const [range = '', stepText, ...rest] = part.split('/');
    const step = stepText === undefined ? 1 : /^\d+$/.test(stepText) ? Number(stepText) : 0;
    if (rest.length > 0 || step < 1) return null;
    const [from = '', to, ...more] = range.split('-');
    if (more.length > 0) return null;
    const first = isAny(range) ? min : valueOf(from);
    // `5/15` counts on from 5.
    const last = isAny(range) || (to === undefined && stepText !== undefined) ? max : valueOf(to ?? from);
    if (!(first >= min && last <= max && first <= last)) return null;
    for (let value = first; value <= last; value += step) values.add(value);
  }
  return values;
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
}

/** What a clock shows at a moment, as a Date whose UTC fields read like it. */
function wallClock(time: number, clock: Intl.DateTimeFormat): Date {
  const parts = clock.formatToParts(time);
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((each) => each.type === type)?.value);
  return new Date(Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')));
}

/** The moment at which a clock shows `wall`; null if it skips that time. */
function instant(wall: number, clock: Intl.DateTimeFormat): number | null {
  let time = wall;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const error = wall - wallClock(time, clock).getTime();
    if (error === 0) return time;
    time += error;
  }
  return null;
}
