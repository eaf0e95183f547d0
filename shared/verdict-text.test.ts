import { expect, test } from 'vitest';
import { progressText } from './verdict-text.ts';

const counts = { total: 7, passed: 0, failed: 0, skipped: 0, notRun: 0, flaky: 0, quarantined: 0, errorCode: null };
const running = { ...counts, status: 'running' } as const;
const over = { ...counts, status: 'failed' } as const;

test('while a run goes on, skipped cases count as done; cases that have not begun do not', () => {
  expect(progressText(running)).toBe('0 of 7 done');
  expect(progressText({ ...running, passed: 2, failed: 1, skipped: 1 })).toBe('4 of 7 done, 1 failed, 1 skipped');
});

test('failures come first, and what is no failure is named', () => {
  expect(progressText({ ...over, passed: 5, failed: 2 })).toBe('2 of 7 failed');
  expect(progressText({ ...over, passed: 7, flaky: 1 })).toBe('7 passed, 1 flaky');
  expect(progressText({ ...over, passed: 6, quarantined: 1 })).toBe('6 of 7 passed, 1 failed in quarantine');
  expect(progressText({ ...over, passed: 2, skipped: 5, notRun: 4 })).toBe('2 of 7 passed, 1 skipped, 4 not run');
});

test('a run that ended before any test began says so, and why', () => {
  expect(progressText({ ...over, skipped: 7, notRun: 7 })).toBe('No test began');
  expect(progressText({ ...over, total: 0, status: 'error', errorCode: 'install_failed' })).toBe(
    'No test began: the install failed',
  );
  expect(progressText({ ...over, total: 0, status: 'cancelled' })).toBe('No test began: cancelled');
  expect(progressText({ ...running, total: 0 })).toBe('0 of 0 done');
});
