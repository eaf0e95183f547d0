import fc from 'fast-check';
import { expect, test } from 'vitest';
import { previewSchedule, resolveSchedule } from './cron.ts';
import { lastTimes, nextTimes } from './next-times.ts';
import { describeSchedule } from './schedule-words.ts';

const minuteMs = 60_000;

test.each([
  ['0 7 * * *', 'Every day at 07:00'],
  ['0 7,19 * * *', 'Every day at 07:00 and 19:00'],
  ['30 6 * * MON', 'Every Monday at 06:30'],
  ['*/15 * * * *', 'Every 15 minutes'],
  ['0 0 L * *', 'At 00:00, on the last day of the month'],
  ['@daily', 'Every day at 00:00'],
  ['*/59 * * * *', 'At 0 and 59 minutes past the hour'],
  ['*/7 * * * *', 'At 0, 7, 14, 21, 28, 35, 42, 49, and 56 minutes past the hour'],
  ['5/25 * * * *', 'At 5, 30, and 55 minutes past the hour'],
  ['0 */5 * * *', 'At 00:00, 05:00, 10:00, 15:00 and 20:00'],
  ['*/40 * * * * *', 'At 0 and 40 seconds past the minute'],
  ['0 0 */10 * *', 'At 00:00, on day 1, 11, 21, and 31 of the month'],
  ['0 0 */1 * *', 'Every day at 00:00'],
  ['0 9 1-7 * MON', 'At 09:00, between day 1 and 7 of the month, or on any Monday'],
  ['0 9 13 * FRI', 'At 09:00, on day 13 of the month, or on any Friday'],
  ['0 9 13 6 FRI', '0 9 13 6 FRI'],
])('the words for %s match its times: %s', (schedule, words) => {
  expect(describeSchedule(schedule)).toBe(words);
});

test('an H has one value for a job, in words, times and the queue, and none before the job is saved', () => {
  const jobId = '018f0000-0000-7000-8000-000000000000';
  for (const schedule of [
    'H 2 * * *',
    'H * * * *',
    'H/15 * * * *',
    'H H * * *',
    'H * * * * *',
    'H H(9-16)/2 * * 1-5',
  ]) {
    const resolved = resolveSchedule(schedule, jobId);
    expect(resolved).not.toContain('H');
    expect(resolveSchedule(schedule, jobId)).toBe(resolved);
    expect(previewSchedule(schedule, 'UTC', jobId)).toEqual(previewSchedule(resolved, 'UTC'));
    expect(previewSchedule(schedule, 'UTC')).toMatchObject({ problem: null, nextTimes: [], isResolved: false });
  }
  const minutes = new Set(Array.from({ length: 50 }, (_, n) => resolveSchedule('H 2 * * *', `job ${n}`)));
  expect(minutes.size).toBeGreaterThan(20);
  expect(resolveSchedule('0 7 * * THU', jobId)).toBe('0 7 * * THU');
});

test('a schedule for every hour goes on through changes of the clock', () => {
  const after = Date.parse('2026-10-25T00:00:00Z') - 1;
  const times = nextTimes('*/30 * * * *', 'Europe/Berlin', { after, count: 6 });
  expect(times).toEqual(Array.from({ length: 6 }, (_, n) => after + 1 + n * 30 * minuteMs));
});

interface Change {
  zone: string;
  /** The first moment with the new clock. */
  at: number;
  /** How far the clock goes forward, in minutes; back, if negative. */
  minutes: number;
}

/** One zone for each change of a clock in some years. */
function changesOfClocks(from: number, to: number): Change[] {
  const found = new Map<string, Change>();
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    const clock = wallClock(zone);
    for (let month = from; month < to; month += 31 * 24 * 60 * minuteMs) {
      const end = month + 31 * 24 * 60 * minuteMs;
      if (clock(end) - end === clock(month) - month) continue;
      let [low, high] = [month, end];
      while (high - low > minuteMs) {
        const middle = low + Math.floor((high - low) / 2 / minuteMs) * minuteMs;
        if (clock(middle) - middle === clock(month) - month) low = middle;
        else high = middle;
      }
      const minutes = (clock(high) - clock(low)) / minuteMs - 1;
      found.set(`${high} ${clock(high)}`, { zone, at: high, minutes });
    }
  }
  return [...found.values()];
}

/** What a zone's clock shows, as if it were a time of UTC. */
function wallClock(zone: string): (time: number) => number {
  const format = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  return (time) => Date.parse(`${format.format(time).replace(' ', 'T')}Z`);
}

/** When a clock is due that is looked at every minute: once for each time that it shows or skips. */
function stepMinutes({ zone }: Change, { hour, minute }: { hour: number; minute: number }, from: number, to: number) {
  const clock = wallClock(zone);
  const due: number[] = [];
  const seen = new Set<number>();
  let shown = clock(from - minuteMs);
  for (let time = from; time < to; time += minuteMs) {
    const now = clock(time);
    // What the clock shows now, and before it, what it has skipped.
    for (let wall = Math.min(now, shown + minuteMs); wall <= now; wall += minuteMs) {
      if (seen.has(wall)) continue;
      seen.add(wall);
      const late = wall < now ? wall - (shown + minuteMs) : 0;
      const date = new Date(wall);
      if (date.getUTCHours() === hour && date.getUTCMinutes() === minute) due.push(time + late);
    }
    shown = now;
  }
  return due.sort((a, b) => a - b);
}

test('daily schedules are due once a day, in every zone and through every change of its clock', () => {
  const changes = changesOfClocks(Date.parse('2026-01-01'), Date.parse('2031-01-01'));
  expect(changes.length).toBeGreaterThan(50);
  fc.assert(
    fc.property(fc.constantFrom(...changes), fc.integer({ min: -90, max: 150 }), (change, distance) => {
      // Near the change, by either clock.
      const wall = new Date(wallClock(change.zone)(change.at - minuteMs) + minuteMs + distance * minuteMs);
      const [hour, minute] = [wall.getUTCHours(), wall.getUTCMinutes()];
      const [from, to] = [change.at - 30 * 60 * minuteMs, change.at + 54 * 60 * minuteMs];
      const expected = stepMinutes(change, { hour, minute }, from, to);
      const times = nextTimes(`${minute} ${hour} * * *`, change.zone, { after: from - 1, count: expected.length });
      expect(times.map((time) => new Date(time).toISOString())).toEqual(
        expected.map((time) => new Date(time).toISOString()),
      );
    }),
    { numRuns: 300 },
  );
});

test.each([
  ['30 0 14 3 *', 'America/Havana', '2027-03-14T05:30:00.000Z'],
  ['0 0 5 9 *', 'America/Santiago', '2027-09-05T04:00:00.000Z'],
  ['0 0 30 4 *', 'Africa/Cairo', '2027-04-29T22:00:00.000Z'],
  ['15 23 27 3 *', 'America/Nuuk', '2027-03-28T01:15:00.000Z'],
])('%s in %s is due at %s, though the clock skips it', (schedule, zone, expected) => {
  const [time] = nextTimes(schedule, zone, { after: Date.parse('2027-01-01'), count: 1 });
  expect(new Date(time!).toISOString()).toBe(expected);
});

test('the times that were due last are those that come one after the other, however long ago they began', () => {
  const changes = changesOfClocks(Date.parse('2026-01-01'), Date.parse('2031-01-01'));
  const schedules = ['*/20 * * * *', '15 1-3 * * *', '0 0,2 * * 0,6', '*/30 22-23 * * *'];
  fc.assert(
    fc.property(
      fc.constantFrom(...changes),
      fc.constantFrom(...schedules),
      fc.integer({ min: -3 * 60, max: 6 * 60 }),
      fc.integer({ min: 1, max: 12 }),
      ({ zone, at }, schedule, minutes, count) => {
        const [after, until] = [at - 6 * 60 * minuteMs, at + minutes * minuteMs];
        const following = nextTimes(schedule, zone, { after, count: 3 * 12 }).filter((time) => time <= until);
        expect(lastTimes(schedule, zone, { after, until, count })).toEqual(
          following.toSorted((a, b) => a - b).slice(-count),
        );
      },
    ),
    { numRuns: 100 },
  );
  const until = Date.parse('2030-01-01');
  const times = lastTimes('* * * * *', 'UTC', { after: 0, until, count: 100 });
  expect(times).toEqual(Array.from({ length: 100 }, (_, n) => until - (99 - n) * minuteMs));
});
