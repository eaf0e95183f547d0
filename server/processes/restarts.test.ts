import { expect, test } from 'vitest';
import { createRestarts } from './restarts.ts';

test('a process is started again at once, later and later while it keeps ending, and at once after a minute of life', () => {
  const restarts = createRestarts();
  const short = Array.from({ length: 9 }, () => restarts.delayAfter(59_000));
  expect(short).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  expect([restarts.delayAfter(60_000), restarts.delayAfter(10)]).toEqual([0, 1_000]);
});
