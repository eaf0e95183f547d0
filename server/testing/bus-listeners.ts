import { expect } from 'vitest';
import type { Bus } from '#server/bus/bus.ts';
import { eventually } from './eventually.ts';

/** A listener that keeps what it gets. */
export function recorder() {
  const messages: (string | undefined)[] = [];
  return { messages, listen: (message: string | undefined) => void messages.push(message) };
}

/** Follows a promise without waiting for it. */
export function observe<T>(promise: Promise<T>) {
  const observed = { promise, state: 'pending' as 'pending' | 'resolved' | 'rejected' };
  promise.then(
    () => (observed.state = 'resolved'),
    () => (observed.state = 'rejected'),
  );
  return observed;
}

/** The events `down` and `reset` of a bus, from now on. */
export function stateRecorder(bus: Bus) {
  const events: string[] = [];
  bus.onState((event) => events.push(event));
  return events;
}

export const publish = (bus: Bus, channel: string, message: string) => bus.publish([{ channel, message }]);

/** Everything published earlier has been delivered when this resolves. */
export async function settle(bus: Bus): Promise<void> {
  const fence = recorder();
  const release = await bus.subscribe('ok:fence', fence.listen);
  await publish(bus, 'ok:fence', '"fence"');
  await eventually(() => expect(fence.messages).toHaveLength(1));
  release();
}
