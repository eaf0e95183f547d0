import { expect, test } from 'vitest';
import { progressText } from './progress-text.ts';

const counts = { total: 7, passed: 0, failed: 0, skipped: 0, notRun: 0, flaky: 0 };

test('skipped tests count as done; tests that never began do not', () => {
  expect(progressText({ ...counts, passed: 2, failed: 1 })).toBe('3/7, 1 failed');
  expect(progressText({ ...counts, passed: 2, skipped: 5, notRun: 4 })).toBe('3/7, 1 skipped, 4 not run');
});
