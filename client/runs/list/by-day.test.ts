import { expect, test } from 'vitest';
import type { RunSummary } from '#shared/events.ts';
import { withDays } from './by-day.ts';

test('each day has one heading, above its runs', () => {
  const at = (day: number, hour: number) => new Date(2026, 2, day, hour).toISOString();
  const runs = [at(10, 9), at(10, 0), at(9, 23), at(2, 7)].map(
    (queuedAt, n) => ({ id: `${n}`, queuedAt }) as RunSummary,
  );
  const shown = withDays(runs, new Date(2026, 2, 10, 12).getTime());
  expect(shown.map((item) => ('day' in item ? item.day.replace(/,.*/, '') : item.id))).toEqual([
    'Today',
    '0',
    '1',
    'Yesterday',
    '2',
    new Date(2026, 2, 2).toLocaleDateString(undefined, { weekday: 'long' }),
    '3',
  ]);
});
