import { describe, expect, test } from 'vitest';
import { nextTimes, parseCron } from './cron.ts';

function next(expression: string, after: string, timeZone = 'UTC', count = 1): string[] {
  const cron = parseCron(expression);
  if (!cron) throw new Error(`not understood: ${expression}`);
  return nextTimes(cron, timeZone, Date.parse(after), count).map((time) => new Date(time).toISOString());
}

describe('the next times of a schedule', () => {
  test.each([
    ['*/15 * * * *', '2026-03-10T12:01:00Z', '2026-03-10T12:15:00.000Z'],
    ['0 7 * * 1-5', '2026-03-13T08:00:00Z', '2026-03-16T07:00:00.000Z'],
    ['0 7 * * MON', '2026-03-10T00:00:00Z', '2026-03-16T07:00:00.000Z'],
    ['0 0 * * 7', '2026-03-10T00:00:00Z', '2026-03-15T00:00:00.000Z'],
    ['30 5 1 JAN ?', '2026-03-10T00:00:00Z', '2027-01-01T05:30:00.000Z'],
    ['0 0 29 2 *', '2026-03-10T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['10,40 9-10 * * *', '2026-03-10T09:40:00Z', '2026-03-10T10:10:00.000Z'],
    ['30 0 12 * * *', '2026-03-10T12:00:00Z', '2026-03-10T12:00:30.000Z'],
    ['5/20 * * * *', '2026-03-10T12:30:00Z', '2026-03-10T12:45:00.000Z'],
  ])('%s after %s is due at %s', (expression, after, expected) => {
    expect(next(expression, after)).toEqual([expected]);
  });

  test('a day of the month and a day of the week are alternatives when both are given', () => {
    expect(next('0 0 13 * 5', '2026-03-10T00:00:00Z', 'UTC', 3)).toEqual([
      '2026-03-13T00:00:00.000Z',
      '2026-03-20T00:00:00.000Z',
      '2026-03-27T00:00:00.000Z',
    ]);
  });

  test('follow the clock of the zone over a change to summer time', () => {
    expect(next('0 7 * * *', '2026-03-28T00:00:00Z', 'Europe/Berlin', 2)).toEqual([
      '2026-03-28T06:00:00.000Z',
      '2026-03-29T05:00:00.000Z',
    ]);
  });

  test('leave out a time of day that the clock skips', () => {
    expect(next('30 2 * * *', '2026-03-28T02:00:00Z', 'Europe/Berlin')).toEqual(['2026-03-30T00:30:00.000Z']);
  });

  test('are none for a day that does not exist', () => {
    expect(next('0 0 31 2 *', '2026-03-10T00:00:00Z')).toEqual([]);
  });
});

test.each([
  '',
  'daily',
  '* * * *',
  '60 * * * *',
  '* * * * 8',
  '*/0 * * * *',
  '5-1 * * * *',
  '1-2-3 * * * *',
  'L * * * *',
])('makes nothing of %j', (expression) => {
  expect(parseCron(expression)).toBeNull();
});
