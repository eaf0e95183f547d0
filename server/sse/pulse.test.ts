import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPulse } from './pulse.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pingIntervalMs = 1_000;

function createStream() {
  return { openedAt: Date.now(), ping: vi.fn(), expire: vi.fn() };
}

test('streams that stay are pinged at every interval, however many others come and go', () => {
  using pulse = createPulse({ pingIntervalMs, timeoutMs: 1_000_000 });
  const staying = Array.from({ length: 20 }, createStream);
  for (const stream of staying) pulse.add(stream);
  const passing: ReturnType<typeof createStream>[] = [];
  for (let ms = 0; ms < 10 * pingIntervalMs; ms += 10) {
    const stream = createStream();
    pulse.add(stream);
    passing.push(stream);
    if (passing.length > 50) pulse.remove(passing.shift()!);
    vi.advanceTimersByTime(10);
  }
  for (const { ping } of staying) expect(ping.mock.calls.length).toBeGreaterThanOrEqual(9);
});

test('pings of streams that began together are spread over the interval', () => {
  using pulse = createPulse({ pingIntervalMs, timeoutMs: 1_000_000 });
  const streams = Array.from({ length: 500 }, createStream);
  for (const stream of streams) pulse.add(stream);
  const pings = () => streams.reduce((sum, { ping }) => sum + ping.mock.calls.length, 0);
  for (let before = 0, slot = 0; slot < 100; slot++, before = pings()) {
    vi.advanceTimersByTime(pingIntervalMs / 50);
    expect(pings() - before).toBe(10);
  }
  for (const { ping } of streams) expect(ping).toHaveBeenCalledTimes(2);
});

test('the oldest streams expire first, and are told until they are gone', () => {
  using pulse = createPulse({ pingIntervalMs, timeoutMs: 5_000 });
  const old = createStream();
  pulse.add(old);
  vi.advanceTimersByTime(2_500);
  const young = createStream();
  pulse.add(young);
  vi.advanceTimersByTime(2_600);
  expect(old.expire.mock.calls.length).toBeGreaterThan(1);
  expect(young.expire).not.toHaveBeenCalled();
  pulse.remove(old);
  old.expire.mockClear();
  vi.advanceTimersByTime(2_600);
  expect(old.expire).not.toHaveBeenCalled();
  expect(young.expire).toHaveBeenCalled();
});
