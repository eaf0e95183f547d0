import { expect, test } from 'vitest';
import { formatBytes, formatDuration, formatElapsed, formatRelative } from './format.ts';

test.each([
  [0.2, '< 1 ms'],
  [840, '840 ms'],
  [999.7, '1.0 s'],
  [3_240, '3.2 s'],
  [59_960, '1 m 00 s'],
  [65_000, '1 m 05 s'],
  [3_599_700, '1 h 00 m'],
  [7_380_000, '2 h 03 m'],
])('a duration of %s ms reads %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('time that passes is counted in whole seconds and never below zero', () => {
  expect([-500, 900, 59_999, 61_000].map(formatElapsed)).toEqual(['0 s', '0 s', '59 s', '1 m 01 s']);
});

test('bytes are shown in the unit that keeps them short', () => {
  expect([12, 2_345, 7_654_321].map(formatBytes)).toEqual(['12 B', '2.3 kB', '7.7 MB']);
});

test('a time is shown relative to now', () => {
  const now = Date.parse('2026-03-10T12:00:00Z');
  expect(
    [
      '2026-03-10T11:59:50Z',
      '2026-03-10T12:00:10Z',
      '2026-03-10T11:55:00Z',
      '2026-03-10T15:00:00Z',
      '2026-03-09T12:00:00Z',
    ].map((iso) => formatRelative(iso, now)),
  ).toEqual(['just now', 'in a moment', '5 min ago', 'in 3 h', '1 day ago']);
});
