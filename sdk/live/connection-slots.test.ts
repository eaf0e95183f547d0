import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPageSlots } from './connection-slots.ts';

const slotMs = 2_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A stream that holds a slot whenever it gets one, and gives it back when another stream wants it. */
function createStream(slots: ReturnType<typeof createPageSlots>) {
  const abort = new AbortController();
  const self = { turns: 0, isOpen: false, close: () => abort.abort() };
  async function connect() {
    const giveBack = await slots.take(abort.signal, () => {
      self.isOpen = false;
      void connect().catch(() => {});
      giveBack();
    });
    self.turns += 1;
    self.isOpen = true;
  }
  void connect().catch(() => {});
  return self;
}

test('four streams of a page share two connections: never more are open, and each has its turn', async () => {
  const slots = createPageSlots({ count: 2, slotMs });
  const streams = Array.from({ length: 4 }, () => createStream(slots));
  for (let round = 0; round < 20; round += 1) {
    await vi.advanceTimersByTimeAsync(slotMs);
    expect(streams.filter(({ isOpen }) => isOpen)).toHaveLength(2);
  }
  for (const { turns } of streams) expect(turns).toBeGreaterThanOrEqual(5);
});

test('two streams of a page keep their connections', async () => {
  const slots = createPageSlots({ count: 2, slotMs });
  const streams = [createStream(slots), createStream(slots)];
  await vi.advanceTimersByTimeAsync(20 * slotMs);
  expect(streams.map(({ turns, isOpen }) => [turns, isOpen])).toEqual([
    [1, true],
    [1, true],
  ]);
});

test('a stream that is closed while it waits takes no slot', async () => {
  const slots = createPageSlots({ count: 1, slotMs });
  const first = createStream(slots);
  const second = createStream(slots);
  const third = createStream(slots);
  await vi.advanceTimersByTimeAsync(0);
  second.close();
  await vi.advanceTimersByTimeAsync(slotMs);
  expect([first, second, third].map(({ isOpen }) => isOpen)).toEqual([false, false, true]);
});
