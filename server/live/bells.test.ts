import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Channel } from '#shared/channels.ts';
import { type PushSink, pushTo } from '#server/sse/push-source.ts';
import { createScriptedBus } from '#server/testing/scripted-bus.ts';
import { batchReads } from './batch-reads.ts';
import { changes } from './changes.ts';
import { followState } from './follow-state.ts';
import { createHub } from './hub.ts';

const bell: Channel<unknown> = { name: 'bell', schema: z.unknown() };
const logger = { info() {}, warn() {} };
const fallbackIntervalMs = 30_000;

/** A state that a test sets, and reads of it that a test may hold back. */
function createSource() {
  let held: (() => void)[] | undefined;
  const self = {
    state: { n: 1 },
    reads: 0,
    async read() {
      self.reads += 1;
      const { state } = self;
      if (held) await new Promise<void>((resolve) => held!.push(resolve));
      return state;
    },
    hold: () => (held = []),
    answer() {
      const waiting = held ?? [];
      held = undefined;
      for (const resolve of waiting) resolve();
    },
  };
  return self;
}

function setUp() {
  const bus = createScriptedBus();
  const hub = createHub({ bus, fallbackIntervalMs, logger });
  const source = createSource();
  const got: { id: string | undefined; data: unknown }[] = [];
  let hasRoom = true;
  const sink: PushSink = {
    event(id, data) {
      got.push({ id, data });
      return hasRoom;
    },
    end() {},
    fail(error) {
      throw error;
    },
  };
  const open = (lastEventId?: string) =>
    followState({ hub, signal: new AbortController().signal }, { on: [bell], read: source.read, lastEventId })[pushTo](
      sink,
    );
  const ring = async (times = 1) => {
    for (let i = 0; i < times; i += 1) bus.deliver(bell.name, 'anything, even what is no JSON');
    await nextTurn();
  };
  return { bus, hub, source, got, open, ring, setRoom: (room: boolean) => (hasRoom = room) };
}

describe('a stream of derived state', () => {
  test('reads at a bell, and sends the state if it differs', async () => {
    const { source, got, open, ring } = setUp();
    const handle = open();
    await nextTurn();
    await ring();
    source.state = { n: 2 };
    await ring();
    expect(source.reads).toBe(3);
    expect(got.map(({ data }) => data)).toEqual([{ n: 1 }, { n: 2 }]);
    handle.close();
  });

  test('reads once more for all bells that ring during a read', async () => {
    const { source, got, open, ring } = setUp();
    const handle = open();
    await nextTurn();
    source.hold();
    await ring(100);
    expect(source.reads).toBe(2);
    source.state = { n: 2 };
    await ring(100);
    expect(source.reads).toBe(2);
    source.answer();
    await nextTurn();
    expect(source.reads).toBe(3);
    expect(got.map(({ data }) => data)).toEqual([{ n: 1 }, { n: 2 }]);
    handle.close();
  });

  test('reads nothing for a slow client, and the newest state once it has room', async () => {
    const { source, got, open, ring, setRoom } = setUp();
    setRoom(false);
    const handle = open();
    await nextTurn();
    for (let n = 2; n <= 50; n += 1) {
      source.state = { n };
      await ring();
    }
    expect(source.reads).toBe(1);
    setRoom(true);
    handle.resume();
    await nextTurn();
    expect(source.reads).toBe(2);
    expect(got.map(({ data }) => data)).toEqual([{ n: 1 }, { n: 50 }]);
    handle.close();
  });

  test('reads when the bus comes back, since bells may have been lost', async () => {
    const { bus, source, got, open } = setUp();
    const handle = open();
    await nextTurn();
    bus.goDown();
    source.state = { n: 2 };
    bus.comeBack();
    await nextTurn();
    await nextTurn();
    expect(got.map(({ data }) => data)).toEqual([{ n: 1 }, { n: 2 }]);
    handle.close();
  });

  test('sends nothing to a client that comes back with the id of an equal state, in whatever order its keys are', async () => {
    const { source, got, open, ring } = setUp();
    open().close();
    const first = open();
    await nextTurn();
    const { id } = got[0]!;
    first.close();
    got.length = 0;
    const second = open(id);
    await nextTurn();
    await ring();
    expect(got).toEqual([]);
    source.state = { n: 2 };
    await ring();
    expect(got.map(({ data }) => data)).toEqual([{ n: 2 }]);
    second.close();
  });

  test('releases its channel when it is closed', async () => {
    const { bus, hub, open } = setUp();
    const handle = open();
    await nextTurn();
    expect(hub.stats()).toMatchObject({ watchers: 1, channels: 1 });
    handle.close();
    expect(hub.stats()).toMatchObject({ watchers: 0, channels: 0 });
    expect(bus.releases()).toEqual([1]);
  });
});

test('a bell and events of one channel do not disturb each other', async () => {
  const bus = createScriptedBus();
  using hub = createHub({ bus, fallbackIntervalMs, logger });
  const channel: Channel<{ n: number }> = { name: 'both', schema: z.object({ n: z.number() }) };
  const seen: string[] = [];
  const watcher = {
    onEvent: ({ n }: { n: number }) => void seen.push(`event ${n}`),
    onStale: () => void seen.push('bell'),
  };
  const { signal } = new AbortController();
  using _both = await hub.watch({ channels: [channel], on: [channel] }, watcher, signal);
  bus.deliver(channel.name, '{"n":1}');
  bus.deliver(channel.name, 'garbage');
  expect(seen.toSorted()).toEqual(['bell', 'bell', 'event 1']);
});

test('many streams that hear one bell share a read', async () => {
  const bus = createScriptedBus();
  using hub = createHub({ bus, fallbackIntervalMs, logger });
  let queries = 0;
  const read = batchReads(async (keys: string[]) => {
    queries += 1;
    return new Map(keys.map((key) => [key, { queries }]));
  });
  const newest: unknown[] = [];
  const handles = Array.from({ length: 1_000 }, (_, index) =>
    followState({ hub, signal: new AbortController().signal }, { on: [bell], read: () => read('all') })[pushTo]({
      event(_id, data) {
        newest[index] = data;
        return true;
      },
      end() {},
      fail() {},
    }),
  );
  await expect.poll(() => newest.filter(Boolean).length).toBe(1_000);
  expect(queries).toBe(1);
  bus.deliver(bell.name, '');
  await expect.poll(() => new Set(newest)).toEqual(new Set([{ queries: 2 }]));
  expect(new Set(newest).size).toBe(1);
  for (const handle of handles) handle.close();
});

test('a plain generator gets what differs, with ids, and ends with its signal', async () => {
  const { hub, bus, source } = setUp();
  const abort = new AbortController();
  async function* procedure() {
    for await (const [id, { n }] of changes({ hub, signal: abort.signal }, { on: [bell], read: source.read }))
      yield { id, n };
  }
  const stream = procedure();
  const first = await stream.next();
  expect(first.value).toMatchObject({ n: 1 });
  source.state = { n: 2 };
  bus.deliver(bell.name, '');
  const second = await stream.next();
  expect(second.value).toMatchObject({ n: 2 });
  expect(second.value!.id).not.toBe(first.value!.id);
  const third = stream.next();
  abort.abort();
  await expect(third).rejects.toThrow('abort');
  expect(hub.stats()).toMatchObject({ watchers: 0, channels: 0 });
});
