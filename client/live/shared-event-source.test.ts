import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventSource, type EventSourceInit } from 'eventsource';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventually } from '#server/testing/eventually.ts';
import { SharedEventSource } from './shared-event-source.ts';
import type { Network, NetworkChange } from '#sdk/live/network.ts';
import type { TabChannel, Tabs } from './tabs.ts';
import { feed } from './testing/feed.ts';

/** Tabs of one browser. Messages between them can get lost. The first tab to apply leads, as with Web Locks. */
function browser({ loses = () => false }: { loses?: () => boolean } = {}) {
  const queues = new Map<string, (() => void)[]>();
  const listeners = new Map<string, Set<TabChannel>>();
  const frozen = new Set<object>();

  function lead(name: string, signal: AbortSignal): Promise<() => void> {
    const queue = queues.get(name) ?? [];
    queues.set(name, queue);
    return new Promise((resolve, reject) => {
      const leave = () => {
        const wasFirst = queue[0] === enter;
        if (queue.includes(enter)) queue.splice(queue.indexOf(enter), 1);
        if (wasFirst) queue[0]?.();
      };
      const enter = () => {
        signal.removeEventListener('abort', onAbort);
        resolve(leave);
      };
      const onAbort = () => {
        leave();
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort);
      queue.push(enter);
      if (queue.length === 1) enter();
    });
  }

  function tab(url: string, options: { lastEventId?: string; answerMs?: number } = {}) {
    const networkListeners = new Set<(change: NetworkChange) => void>();
    const network: Network = {
      isOnline: () => true,
      listen: (listener) => {
        networkListeners.add(listener);
        return () => networkListeners.delete(listener);
      },
    };
    const self = {};
    const tabs: Tabs = {
      lead,
      channel(name) {
        const channels = listeners.get(name) ?? new Set();
        listeners.set(name, channels);
        const channel: TabChannel = {
          post(message) {
            if (frozen.has(self)) return;
            for (const other of channels) {
              if (other !== channel && !loses()) setImmediate(() => channels.has(other) && other.onMessage(message));
            }
          },
          close: () => channels.delete(channel),
          onMessage: () => {},
        };
        channels.add(channel);
        return channel;
      },
      slots: { take: async () => () => {} },
    };
    const from = options.lastEventId ?? '';
    const address = from === '' ? url : url.replace('%22%7D', `%22%2C%22lastEventId%22%3A%22${from}%22%7D`);
    const source = new SharedEventSource<EventSourceInit>(address, undefined, {
      tabs,
      EventSource,
      network,
      hiddenMs: 1,
      askEveryMs: 150,
      answerMs: options.answerMs ?? 100,
    });
    const ids: number[] = [];
    let newest = '';
    let started = 0;
    let completed = false;
    source.addEventListener('message', (event) => {
      newest = (event as MessageEvent<string>).lastEventId;
      ids.push(Number(newest));
    });
    source.addEventListener('connected', () => (started += 1));
    source.addEventListener('return', () => {
      completed = true;
      source.close();
    });
    return {
      source,
      ids,
      newest: () => newest,
      started: () => started,
      completed: () => completed,
      change(change: NetworkChange) {
        for (const listener of networkListeners) listener(change);
      },
      /** Sends no more messages; a leader keeps the lead. */
      freeze: () => frozen.add(self),
      [Symbol.dispose]: () => source.close(),
    };
  }

  return { tab };
}

const upTo = (head: number, after = 0) => Array.from({ length: head - after }, (_, index) => after + index + 1);

describe('tabs of one browser', () => {
  test('share one connection; a later tab catches up by its own connection and then closes it', async () => {
    await using server = await feed();
    const { tab } = browser();
    server.add(5);
    // The leader of a busy machine answers late.
    const patient = { answerMs: 20_000 };
    using first = tab(server.url, patient);
    await eventually(() => expect(first.ids).toEqual(upTo(5)));
    using second = tab(server.url, patient);
    using third = tab(server.url, { ...patient, lastEventId: '3' });
    await eventually(() => expect([second.ids, third.ids]).toEqual([upTo(5), upTo(5, 3)]));
    await eventually(() => expect(server.open()).toBe(1));
    server.add(5);
    await eventually(() => expect([first, second, third].map(({ ids }) => ids.at(-1))).toEqual([10, 10, 10]));
    expect([first.ids, second.ids, third.ids]).toEqual([upTo(10), upTo(10), upTo(10, 3)]);
    expect([first, second, third].map(({ source }) => source.state)).toEqual(['live', 'live', 'live']);
    expect(server.requests()).toBe(3);
    expect(server.inputs()).toEqual(['{"of":"runs"}']);
  });

  test('share a stream with ids in no order, and come to its newest state even where messages get lost', async () => {
    const states = ['a1', 'b2', 'c3', 'a1', 'd4', 'e5', 'f6', 'b2'];
    const open = new Set<ServerResponse>();
    let current = 'start';
    const send = (res: ServerResponse) => void res.write(`data: "${current}"\nid: ${current}\n\n`);
    const server = createServer((req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write('event: connected\ndata: {}\n\n');
      if (new URL(req.url!, 'http://localhost').searchParams.get('lastEventId') !== current) send(res);
      open.add(res);
      res.on('close', () => open.delete(res));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    let messages = 0;
    const { tab } = browser({ loses: () => (messages += 1) % 3 === 0 });
    const url = `http://127.0.0.1:${port}/state?input=${encodeURIComponent('{"of":"runs"}')}`;
    const tabs = Array.from({ length: 3 }, () => tab(url));
    try {
      for (const state of states) {
        current = state;
        for (const res of open) send(res);
        await eventually(() => expect(tabs.map(({ newest }) => newest())).toEqual([state, state, state]));
      }
      await eventually(() => expect(open.size).toBe(1));
    } finally {
      for (const it of tabs) it[Symbol.dispose]();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('that have all events report the beginning of the stream without a connection of their own', async () => {
    await using server = await feed();
    const { tab } = browser();
    using first = tab(server.url);
    await eventually(() => expect(first.source.state).toBe('live'));
    using second = tab(server.url);
    await eventually(() => expect(second.started()).toBe(1));
    expect(second.source.state).toBe('live');
    expect(server.requests()).toBe(1);
  });

  test('lose nothing when the leader is closed: the next leader resumes after its own last event', async () => {
    await using server = await feed();
    const { tab } = browser();
    using first = tab(server.url);
    using second = tab(server.url);
    using third = tab(server.url);
    server.add(3);
    await eventually(() => expect(third.ids).toEqual(upTo(3)));
    first[Symbol.dispose]();
    server.add(3);
    await eventually(() => expect([second.ids, third.ids]).toEqual([upTo(6), upTo(6)]));
    await eventually(() => expect(server.open()).toBe(1));
  });

  test('close their connections while hidden, and resume after their last event', async () => {
    await using server = await feed();
    const { tab } = browser();
    using first = tab(server.url);
    using second = tab(server.url);
    server.add(2);
    await eventually(() => expect(second.ids).toEqual(upTo(2)));
    first.change('hidden');
    server.add(2);
    await eventually(() => expect(second.ids).toEqual(upTo(4)));
    second.change('hidden');
    await eventually(() => expect(server.open()).toBe(0));
    server.add(2);
    expect(second.ids).toEqual(upTo(4));
    first.change('visible');
    await eventually(() => expect(first.ids).toEqual(upTo(6)));
    second.change('visible');
    await eventually(() => expect(second.ids).toEqual(upTo(6)));
    await eventually(() => expect(server.open()).toBe(1));
  });

  test('open connections of their own when the leader hangs, and follow again once there is another leader', async () => {
    await using server = await feed();
    const { tab } = browser();
    using first = tab(server.url);
    await eventually(() => expect(first.source.state).toBe('live'));
    using second = tab(server.url);
    using third = tab(server.url);
    server.add(1);
    await eventually(() => expect([second.ids, third.ids]).toEqual([[1], [1]]));
    first.freeze();
    server.add(2);
    await eventually(() => expect([second.ids, third.ids]).toEqual([upTo(3), upTo(3)]));
    expect(server.open()).toBe(3);
    first[Symbol.dispose]();
    await eventually(() => expect(server.open()).toBe(1));
    server.add(1);
    await eventually(() => expect([second.ids, third.ids]).toEqual([upTo(4), upTo(4)]));
  });

  test('all complete at the end of the stream, and leave no connection open', async () => {
    await using server = await feed();
    const { tab } = browser();
    using first = tab(server.url);
    using second = tab(server.url);
    server.add(2);
    await eventually(() => expect([first.ids, second.ids]).toEqual([upTo(2), upTo(2)]));
    server.finish();
    await eventually(() => expect([first.completed(), second.completed()]).toEqual([true, true]));
    await eventually(() => expect(server.open()).toBe(0));
  });
});

type Command = { do: 'add' | 'cut' | 'open' } | { do: 'close' | 'hide' | 'show'; tab: number };
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ do: 'add' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'cut' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'open' as const }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('close', 'hide', 'show'), tab: fc.nat(5) }) },
);

test('every tab gets every event once and in order, despite lost messages, cut connections, hidden and closed tabs', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { minLength: 20, maxLength: 40 }),
      fc.infiniteStream(fc.nat(9)),
      async (commands, luck) => {
        await using server = await feed();
        const { tab } = browser({ loses: () => luck.next().value === 0 });
        const tabs: ReturnType<typeof tab>[] = [];
        for (const step of commands) {
          const chosen = 'tab' in step ? tabs[step.tab % Math.max(1, tabs.length)] : undefined;
          if (step.do === 'add') server.add(2);
          else if (step.do === 'cut') server.cut();
          else if (step.do === 'open' && tabs.length < 6) tabs.push(tab(server.url));
          else if (step.do === 'close' && chosen) tabs.splice(tabs.indexOf(chosen), 1)[0]![Symbol.dispose]();
          else if (step.do === 'hide') chosen?.change('hidden');
          else if (step.do === 'show') chosen?.change('visible');
          for (let pause = luck.next().value!; pause > 5; pause -= 1) await server.ping();
        }
        for (const each of tabs) each.change('visible');
        try {
          await eventually(() => expect(tabs.map(({ ids }) => ids.at(-1) ?? 0)).toEqual(tabs.map(() => server.head())));
          for (const { ids } of tabs) expect(ids).toEqual(upTo(server.head()));
        } finally {
          for (const each of tabs) each[Symbol.dispose]();
        }
      },
    ),
    { numRuns: 25 },
  );
});
