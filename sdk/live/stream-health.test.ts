import { expect, test } from 'vitest';
import { backOnline, broken, connectionStateOf, dropped, idle, received, type StreamHealth } from './stream-health.ts';

const stateAt = (health: StreamHealth, now: number, isOnline = true) =>
  connectionStateOf(health, { isOnline, pollingAfterMs: 30_000, now });

test('a stream is connecting until its first event or failure, and live from its first event', () => {
  expect(stateAt(idle, 0)).toBe('connecting');
  expect(stateAt(received(idle, 'connected', 0), 0)).toBe('live');
  expect(stateAt(broken(idle, 0), 0)).toBe('reconnecting');
});

test('an outage becomes polling when it lasts, and offline where there is no network', () => {
  const failing = broken(broken(idle, 0), 29_000);
  expect(stateAt(failing, 29_999)).toBe('reconnecting');
  expect(stateAt(failing, 30_000)).toBe('polling');
  expect(stateAt(failing, 30_000, false)).toBe('offline');
  expect(stateAt(backOnline(failing, 30_000), 30_000)).toBe('reconnecting');
});

test('a connection that breaks early and without a message continues the outage', () => {
  const again = received(broken(idle, 0), 'connected', 10_000);
  expect(broken(again, 14_999)).toEqual({ name: 'failing', since: 0 });
  expect(broken(again, 15_000)).toEqual({ name: 'failing', since: 15_000 });
  expect(broken(received(again, 'message', 10_001), 10_002)).toEqual({ name: 'failing', since: 10_002 });
});

test('a connection that the client drops is no failure, and hides none', () => {
  expect(dropped(received(idle, 'connected', 0))).toEqual(idle);
  expect(dropped(received(broken(idle, 0), 'connected', 10))).toEqual({ name: 'failing', since: 0 });
});

test('a live stream stays live when the machine comes back online', () => {
  const live = received(idle, 'message', 0);
  expect(backOnline(live, 10)).toBe(live);
  expect(backOnline(received(broken(idle, 0), 'connected', 5), 10)).toEqual({
    name: 'live',
    since: 5,
    failingSince: 10,
  });
});
