import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createBatch } from './batch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('items that come within the delay are handed over together, in order', () => {
  const batches: number[][] = [];
  const batch = createBatch<number>(50, (items) => batches.push(items));
  batch.push(1);
  vi.advanceTimersByTime(40);
  batch.push(2);
  expect(batches).toEqual([]);
  vi.advanceTimersByTime(10);
  batch.push(3);
  vi.advanceTimersByTime(50);
  expect(batches).toEqual([[1, 2], [3]]);
});

test('closing hands over the rest and takes nothing more', () => {
  const batches: number[][] = [];
  const batch = createBatch<number>(50, (items) => batches.push(items));
  batch.push(1);
  batch.close();
  batch.push(2);
  vi.runAllTimers();
  expect(batches).toEqual([[1]]);
});
