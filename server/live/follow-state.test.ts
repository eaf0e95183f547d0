import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { Channel } from '#shared/channels.ts';
import { type PushSink, pushTo } from '#server/sse/push-source.ts';
import { createScriptedBus } from '#server/testing/scripted-bus.ts';
import { followState } from './follow-state.ts';
import { createHub } from './hub.ts';

const entry = z.object({ n: z.int() });
type Entry = z.infer<typeof entry>;
const channel: Channel<Entry> = { name: 'watched', schema: entry };
const logger = { info() {}, warn() {} };

function createSink(onEvent = (_data: unknown) => {}) {
  const got: unknown[] = [];
  const end = vi.fn();
  const fail = vi.fn();
  const sink: PushSink = {
    event(_id, data) {
      onEvent(data);
      got.push(data);
      return true;
    },
    end,
    fail,
  };
  return { sink, got, end, fail };
}

const position = ({ n }: Entry) => ({ id: String(n), order: n });

/** The places where a procedure's own code, or the writing of an event, throws. */
const faults = ['isFinal', 'accepts', 'event of the bus', 'event of a read'] as const;

test.each(faults)('a stream fails when its %s throws, and others go on', async (fault) => {
  const bus = createScriptedBus();
  using hub = createHub({ bus, fallbackIntervalMs: 30_000, logger });
  const broken = () => {
    throw new Error('broken');
  };
  const open = (isBroken: boolean) => {
    const to = createSink((data) => {
      if (!isBroken) return;
      if (fault === 'event of a read' || (fault === 'event of the bus' && (data as Entry).n > 1)) broken();
    });
    const handle = followState(
      { hub, signal: new AbortController().signal },
      {
        channels: [channel],
        read: async () => ({ n: 1 }),
        position,
        accepts: ({ n }) => (isBroken && fault === 'accepts' && n === 2 ? broken() : true),
        isFinal: ({ n }) => (isBroken && fault === 'isFinal' && n === 2 ? broken() : n === 3),
      },
    )[pushTo](to.sink);
    return { ...to, handle };
  };
  const bad = open(true);
  const good = open(false);
  // Before the first read is answered, and after.
  await Promise.resolve();
  bus.deliver(channel.name, JSON.stringify({ n: 2 }));
  await nextTurn();
  await nextTurn();
  bus.deliver(channel.name, JSON.stringify({ n: 3 }));
  await nextTurn();
  expect(bad.fail).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: 'broken' }));
  expect(bad.end).not.toHaveBeenCalled();
  expect(good.got.at(-1)).toEqual({ n: 3 });
  expect(good.end).toHaveBeenCalledOnce();
  expect(hub.stats()).toMatchObject({ watchers: 0, channels: 0 });
});
