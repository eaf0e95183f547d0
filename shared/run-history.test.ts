import { expect, test } from 'vitest';
import { isInHistory, summarizeHistory } from './run-history.ts';

test('a history without a verdict has no pass rate, rather than 0 %', () => {
  const nothing = { judged: 0, passed: 0, passRate: null, medianDuration: null };
  expect(summarizeHistory([])).toEqual(nothing);
  expect(
    summarizeHistory([
      { status: 'running', duration: null },
      { status: 'cancelled', duration: 5 },
    ]),
  ).toEqual(nothing);
});

test('one outlier does not move the median', () => {
  const verdicts = [9_000, 1, 3].map((duration) => ({ status: 'passed', duration }) as const);
  expect(summarizeHistory([...verdicts, { status: 'error', duration: null }])).toEqual({
    judged: 4,
    passed: 3,
    passRate: 0.75,
    medianDuration: 3,
  });
});

test('cancelled retries and runs of some cases are left out of a history', () => {
  expect(isInHistory({ status: 'cancelled', retryOf: 'a', partial: false })).toBe(false);
  expect(isInHistory({ status: 'cancelled', retryOf: null, partial: false })).toBe(true);
  expect(isInHistory({ status: 'passed', retryOf: 'a', partial: false })).toBe(true);
  expect(isInHistory({ status: 'passed', retryOf: 'a', partial: true })).toBe(false);
});
