import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Outage, OutageWatch } from './outage.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Gives up after 10 s. */
function watch() {
  const asked: Outage[] = [];
  const errors: Error[] = [];
  const outages = new OutageWatch(
    (outage) => {
      asked.push(outage);
      return outage.lastedMs >= 10_000 ? new Error(outage.failure?.message ?? 'no answer') : undefined;
    },
    (error) => errors.push(error),
  );
  return { outages, asked, errors };
}

test('an attempt that never ends is given up, and asked about no more', () => {
  const { outages, asked, errors } = watch();
  outages.start();
  vi.advanceTimersByTime(9_999);
  expect(errors).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(errors.map(({ message }) => message)).toEqual(['no answer']);
  const { length } = asked;
  vi.advanceTimersByTime(60_000);
  expect(asked).toHaveLength(length);
});

test('the time of failures counts until a message ends the outage', () => {
  const { outages, asked, errors } = watch();
  outages.start();
  vi.advanceTimersByTime(6_000);
  expect(outages.fail({ message: 'refused' })).toBe(false);
  // A connection that brings nothing and breaks: the outage goes on.
  outages.stop();
  vi.advanceTimersByTime(60_000);
  expect(outages.fail({ message: 'cut' })).toBe(false);
  expect(asked.at(-1)).toEqual({ lastedMs: 6_000, wasLive: false, failure: { message: 'cut' } });
  outages.end();
  outages.fail({ message: 'away' });
  vi.advanceTimersByTime(9_000);
  expect(errors).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(errors.map(({ message }) => message)).toEqual(['away']);
  expect(asked.at(-1)).toMatchObject({ wasLive: true });
});

test('a machine that sleeps during an outage has not waited for so long', () => {
  const { outages, errors } = watch();
  outages.fail({ message: 'the lid is closed' });
  vi.advanceTimersByTime(1_000);
  vi.setSystemTime(Date.now() + 8 * 3_600_000);
  vi.advanceTimersByTime(5_000);
  expect(errors).toEqual([]);
  vi.advanceTimersByTime(4_000);
  expect(errors).toHaveLength(1);
});
