import { expect, test } from 'vitest';
import { repetitionText } from './repetition-text.ts';

const over = { status: 'failed', errorCode: null, times: 10, passed: 0, failed: 0, skipped: 0 } as const;

test('repetitions of a case say whether it is flaky', () => {
  expect(repetitionText({ ...over, passed: 9, failed: 1 })).toBe('10 times: 9 passed, 1 failed: flaky');
  expect(repetitionText({ ...over, status: 'passed', passed: 10 })).toBe('10 times: always passes');
  expect(repetitionText({ ...over, failed: 10 })).toBe('10 times: always fails');
  expect(repetitionText({ ...over, skipped: 10 })).toBe('10 times: 10 skipped');
  expect(repetitionText({ ...over, status: 'cancelled', passed: 4 })).toBe('10 times: 4 passed, 6 not run');
  expect(repetitionText({ ...over, status: 'error', errorCode: 'install_failed' })).toBe(
    'No test began: the install failed',
  );
});

test('while they go on, they say how far they are', () => {
  expect(repetitionText({ ...over, status: 'queued' })).toBe('0 of 10 times so far');
  expect(repetitionText({ ...over, status: 'running', passed: 2 })).toBe('2 of 10 times: 2 passed');
  expect(repetitionText({ ...over, status: 'running', passed: 2, failed: 1 })).toBe(
    '3 of 10 times: 2 passed, 1 failed: flaky',
  );
});
