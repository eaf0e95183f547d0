import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createKeepAlive } from './keep-alive.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pingIntervalMs = 1_000;

function createStream() {
  return { openedAt: Date.now(), ping: vi.fn(), expire: vi.fn() };
}

test('streams that stay are pinged at every interval, however many others come and go', () => {
  using keepAlive = createKeepAlive({ pingIntervalMs, timeoutMs: 1_000_000 });
  const staying = Array.from({ length: 20 }, createStream);
  for (const stream of staying) keepAlive.add(stream);
  const passing: ReturnType<typeof createStream>[] = [];
  for (let ms = 0; ms < 10 * pingIntervalMs; ms += 10) {
    const stream = createStream();
    keepAlive.add(stream);
    passing.push(stream);
    if (passing.length > 50) keepAlive.remove(passing.shift()!);
    vi.advanceTimersByTime(10);
  }
  for (const { ping } of staying) expect(ping.mock.calls.length).toBeGreaterThanOrEqual(9);
});

test('pings of streams that began together are spread over the interval', () => {
  using keepAlive = createKeepAlive({ pingIntervalMs, timeoutMs: 1_000_000 });
  const streams = Array.from({ length: 500 }, createStream);
  for (const stream of streams) keepAlive.add(stream);
  const pings = () => streams.reduce((sum, { ping }) => sum + ping.mock.calls.length, 0);
  for (let before = 0, slot = 0; slot < 100; slot++, before = pings()) {
    vi.advanceTimersByTime(pingIntervalMs / 50);
    expect(pings() - before).toBe(10);
  }
  for (const { ping } of streams) expect(ping).toHaveBeenCalledTimes(2);
});

test.each([
  ['at once', () => 0],
  ['one by one after their pings', (n: number) => n],
])('the last stream waits one interval for its ping when the others leave %s', (_, leaveAfter) => {
  using keepAlive = createKeepAlive({ pingIntervalMs, timeoutMs: 1_000_000 });
  const streams = Array.from({ length: 100 }, createStream);
  for (const stream of streams) keepAlive.add(stream);
  const last = streams.pop()!;
  vi.advanceTimersByTime(pingIntervalMs / 2);
  let pings = last.ping.mock.calls.length;
  let waitedMs = 0;
  let longestMs = 0;
  const tickMs = pingIntervalMs / 50;
  for (let tick = 0; tick < 500; tick += 1) {
    while (streams.length > 0 && leaveAfter(100 - streams.length) <= tick) keepAlive.remove(streams.shift()!);
    vi.advanceTimersByTime(tickMs);
    waitedMs = last.ping.mock.calls.length > pings ? 0 : waitedMs + tickMs;
    pings = last.ping.mock.calls.length;
    longestMs = Math.max(longestMs, waitedMs);
  }
  expect(pings).toBeGreaterThanOrEqual(10);
  expect(longestMs).toBeLessThanOrEqual(pingIntervalMs);
});

test('the oldest streams expire first, again and again until they are removed', () => {
  using keepAlive = createKeepAlive({ pingIntervalMs, timeoutMs: 5_000 });
  const old = createStream();
  keepAlive.add(old);
  vi.advanceTimersByTime(2_500);
  const young = createStream();
  keepAlive.add(young);
  vi.advanceTimersByTime(2_600);
  expect(old.expire.mock.calls.length).toBeGreaterThan(1);
  expect(young.expire).not.toHaveBeenCalled();
  keepAlive.remove(old);
  old.expire.mockClear();
  vi.advanceTimersByTime(2_600);
  expect(old.expire).not.toHaveBeenCalled();
  expect(young.expire).toHaveBeenCalled();
});
