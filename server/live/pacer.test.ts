import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pushTo } from '#server/sse/push-source.ts';
import { at, channel, createModelDatabase, type Entry } from '#server/testing/model-database.ts';
import { type DeltaEntry, openDeltas, paceMs } from '#server/testing/model-deltas.ts';
import { createScriptedBus } from '#server/testing/scripted-bus.ts';
import { createHub } from './hub.ts';
import { Pacer } from './pacer.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const logger = { info() {}, warn() {} };

async function openTwo() {
  const database = createModelDatabase();
  const bus = createScriptedBus();
  const hub = createHub({ bus, fallbackIntervalMs: 60_000, logger });
  let reads = 0;
  const read: typeof database.read = (answer) => {
    reads += 1;
    return database.read(answer);
  };
  const counted = { ...database, read };
  database.head = 1;
  const open = (lastEventId?: string) => {
    const got: DeltaEntry[] = [];
    const sink = {
      event: (_id: string | undefined, data: unknown) => got.push(data as DeltaEntry) > 0,
      end() {},
      fail() {},
    };
    const follower = openDeltas({ hub, signal: new AbortController().signal }, counted, lastEventId);
    return { got, handle: follower[pushTo](sink) };
  };
  const [one, other] = [open(), open()];
  await nextTurn();
  return {
    bus,
    hub,
    one,
    other,
    open,
    reads: () => reads,
    /** Sends the next version. */
    write(how: 'sent' | 'lost' | 'too large' = 'sent') {
      database.head += 1;
      const message = JSON.stringify(at(database.head, database));
      if (how !== 'lost') bus.deliver(channel.name, how === 'sent' ? message : undefined);
    },
    async pass() {
      vi.advanceTimersByTime(paceMs);
      await nextTurn();
    },
    [Symbol.dispose]() {
      one.handle.close();
      other.handle.close();
      hub[Symbol.dispose]();
    },
  };
}

const spans = (got: DeltaEntry[]) => got.map(({ since, n }) => [since, n]);

test('the first message leaves at once, those that follow leave as one, the same object for all watchers', async () => {
  using stream = await openTwo();
  stream.write();
  for (let count = 0; count < 1_000; count += 1) stream.write();
  stream.bus.deliver(channel.name, 'garbage');
  expect(spans(stream.one.got).slice(1)).toEqual([[1, 2]]);
  await stream.pass();
  expect(spans(stream.one.got).slice(2)).toEqual([[2, 1_002]]);
  expect(stream.other.got[2]).toBe(stream.one.got[2]);
  expect(stream.reads()).toBe(2);
  expect(stream.hub.stats().invalid).toBe(1);
});

test('a message that is too large for the bus makes all watchers read, once for all that waits', async () => {
  using stream = await openTwo();
  stream.write();
  stream.write();
  stream.write('too large');
  stream.write();
  await stream.pass();
  expect(stream.reads()).toBe(4);
  expect(spans(stream.one.got).slice(2)).toEqual([[2, 5]]);
  await stream.pass();
  expect(stream.one.got).toHaveLength(3);
});

test('watchers read when they lack what came before the messages that wait, also one that has just come', async () => {
  using stream = await openTwo();
  stream.write();
  const resumed = stream.open('1');
  await nextTurn();
  expect(spans(resumed.got), 'its first read').toEqual([[1, 2]]);
  const readsBefore = stream.reads();
  stream.write('lost');
  stream.write();
  await stream.pass();
  expect(stream.reads()).toBe(readsBefore + 3);
  for (const { got } of [stream.one, stream.other, resumed]) expect(spans(got).at(-1)).toEqual([2, 4]);
  resumed.handle.close();
});

test('events that cannot be merged are lost: watchers read, and the next ones are merged again', () => {
  const delivered: (Entry | undefined)[] = [];
  const errors: unknown[] = [];
  let isBroken = true;
  using pacer = new Pacer<Entry>(
    {
      everyMs: paceMs,
      merge(events) {
        if (isBroken) throw new Error('broken');
        return events.at(-1)!;
      },
    },
    {
      parse: (message) => JSON.parse(message) as Entry,
      deliver: (event) => void delivered.push(event),
      onError: (error) => errors.push(error),
    },
  );
  const take = (...numbers: number[]) => {
    for (const n of numbers) pacer.take(JSON.stringify({ n, isLast: false }));
    vi.advanceTimersByTime(paceMs);
  };
  take(1, 2, 3);
  expect(errors).toEqual([new Error('broken')]);
  isBroken = false;
  take(4, 5);
  expect(delivered.map((event) => event?.n)).toEqual([1, undefined, 5]);
});

test('what waits is dropped with the last watcher, and its timer with it', async () => {
  const stream = await openTwo();
  stream.write();
  stream.write();
  stream[Symbol.dispose]();
  expect(vi.getTimerCount()).toBe(0);
  expect(stream.one.got).toHaveLength(2);
});
