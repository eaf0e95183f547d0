import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getEventListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Channel } from '#shared/channels.ts';
import { createRedisBus } from '#server/bus/redis-bus.ts';
import { commitRun } from '#server/runs/commit-run.ts';
import { type PushSink, pushTo } from '#server/sse/push-source.ts';
import { collectGarbage } from '#server/testing/collect-garbage.ts';
import { eventually } from '#server/testing/eventually.ts';
import { queueRun } from '#server/testing/produce.ts';
import { testApp, testRedis } from '#server/testing/resources.ts';
import { startWatchers } from '#server/testing/watchers.ts';
import { deltaKind, type DeltaPage, followDeltas } from './follow-deltas.ts';
import { followState } from './follow-state.ts';
import { createHub, type Hub } from './hub.ts';

const logger = { info() {}, warn() {} };

interface State {
  version: number;
  isLast: boolean;
}
const stateSchema: z.ZodType<State> = z.object({ version: z.int(), isLast: z.boolean() });

const position = ({ version }: State) => ({ id: String(version), order: version });

const deltas = deltaKind<State>({
  everyMs: 250,
  span: ({ version }) => ({ since: version - 1, version }),
  merge: (states) => states.at(-1)!,
});

const toPage = (delta: State): DeltaPage<State> => ({ delta, head: delta.version, ended: delta.isLast });

/** How many of these something still holds. */
const countHeld = (refs: readonly WeakRef<object>[]) => refs.filter((ref) => ref.deref() !== undefined).length;

/** Nothing holds any of these. */
async function expectCollected(refs: readonly WeakRef<object>[]) {
  await eventually(async () => {
    await collectGarbage();
    expect(countHeld(refs)).toBe(0);
  });
}

const waysOut = [
  'never begun',
  'given up while it subscribes',
  'given up while it reads',
  'given up while it waits',
  'closed by its reader',
  'ended',
  'failed',
] as const;

const opened = ['a state', 'deltas'] as const;
const ways = (['pushed', 'pulled'] as const).flatMap((how) => opened.map((of) => [of, how] as const));

test.each(ways)('a stream of %s that is %s leaves nothing behind, whatever way it goes', async (of, how) => {
  const connection = testRedis();
  const prefix = `leaks-${of}-${how}`;
  // These outlive the streams, and whatever is left on them would hold the streams.
  await using bus = await createRedisBus({ redis: { kind: 'server', ...connection, prefix }, logger });
  using hub = createHub({ bus, fallbackIntervalMs: 30_000, logger });
  const kept: AbortController[] = [];
  const refs: [(typeof waysOut)[number], WeakRef<object>[]][] = [];
  const redis = new Redis(connection);
  for (const wayOut of waysOut) {
    const channel: Channel<State> = { name: wayOut, schema: stateSchema };
    const aborts = Array.from({ length: 10 }, () => new AbortController());
    kept.push(...aborts);
    refs.push([wayOut, await followOften({ hub, channel, of, how, wayOut, aborts })]);
    await eventually(() => expect(hub.stats()).toMatchObject({ watchers: 0, channels: 0 }));
    expect(await redis.pubsub('NUMSUB', `${prefix}:${wayOut}`)).toEqual([`${prefix}:${wayOut}`, 0]);
  }
  redis.disconnect();
  expect(kept.flatMap(({ signal }) => getEventListeners(signal, 'abort'))).toEqual([]);
  await eventually(async () => {
    await collectGarbage();
    expect(refs.map(([wayOut, own]) => `${wayOut}: ${countHeld(own)}`)).toEqual(waysOut.map((it) => `${it}: 0`));
  });
});

/** Only those that ask for one event after the other may have nothing but the signal: others are closed, too. */
function giveUp(aborts: readonly AbortController[], pushed: readonly { close(): void }[]): void {
  for (const abort of aborts) abort.abort();
  for (const it of pushed) it.close();
}

async function followOften(options: {
  hub: Hub;
  channel: Channel<State>;
  of: (typeof opened)[number];
  how: 'pushed' | 'pulled';
  wayOut: (typeof waysOut)[number];
  aborts: AbortController[];
}): Promise<WeakRef<object>[]> {
  const { hub, channel, of, how, wayOut, aborts } = options;
  const refs: WeakRef<object>[] = [];
  const started = aborts.map((abort) => {
    const read = () => {
      if (wayOut === 'given up while it reads') return new Promise<State>(() => {});
      if (wayOut === 'failed') return Promise.reject(new Error('the database is away'));
      return Promise.resolve({ version: 1, isLast: wayOut === 'ended' });
    };
    const context = { hub, signal: abort.signal };
    const isFinal = ({ isLast }: State) => isLast;
    const follower =
      of === 'deltas'
        ? followDeltas(context, { channels: [channel], kind: deltas, read: () => read().then(toPage), isFinal })
        : followState(context, { channels: [channel], read, position, isFinal });
    refs.push(new WeakRef(follower), new WeakRef(read));
    if (wayOut === 'never begun') return { close() {}, over: () => true };
    let isOver = false;
    let events = 0;
    if (how === 'pulled') {
      const pull = async () => {
        for await (const _ of follower) events += 1;
      };
      void pull()
        .catch(() => {})
        .finally(() => (isOver = true));
      return { close: () => void follower.return(), over: () => isOver, events: () => events };
    }
    const sink: PushSink = {
      event() {
        events += 1;
        return true;
      },
      end: () => void (isOver = true),
      fail: () => void (isOver = true),
    };
    refs.push(new WeakRef(sink));
    const handle = follower[pushTo](sink);
    return { close: () => handle.close(), over: () => isOver, events: () => events };
  });

  switch (wayOut) {
    case 'never begun':
      break;
    case 'given up while it subscribes':
      expect(hub.stats().watchers).toBe(0);
      giveUp(aborts, how === 'pushed' ? started : []);
      break;
    case 'given up while it reads':
      await eventually(() => expect(hub.stats().watchers).toBe(aborts.length));
      await nextTurn();
      giveUp(aborts, how === 'pushed' ? started : []);
      break;
    case 'given up while it waits':
      await eventually(() => expect(started.every((it) => it.events?.() === 1)).toBe(true));
      giveUp(aborts, how === 'pushed' ? started : []);
      break;
    case 'closed by its reader':
      await eventually(() => expect(started.every((it) => it.events?.() === 1)).toBe(true));
      for (const it of started) it.close();
      break;
    case 'ended':
    case 'failed':
      await eventually(() => expect(started.every((it) => it.over())).toBe(true));
      break;
  }
  return refs;
}

test('over HTTP, streams that end, are refused, cut or given up leave no object, timer, socket or channel', async () => {
  await using app = await testApp();
  const { services, env } = app;
  const requests: WeakRef<object>[] = [];
  const onRequest = (message: unknown) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    if (request.url?.includes('runs.on'))
      requests.push(new WeakRef(request), new WeakRef(response), new WeakRef(request.socket));
  };
  const countResources = () => {
    const all = process.getActiveResourcesInfo();
    return ['Timeout', 'TCPSocketWrap'].map((type) => all.filter((it) => it === type).length);
  };
  const runId = await queueRun(app.client);
  const watchOften = () => startWatchers({ servers: [app], runId, logs: 25, states: 25, cases: 25 });

  const before = countResources();

  subscribe('http.server.request.start', onRequest);
  try {
    {
      using givenUp = watchOften();
      await eventually(() => expect(givenUp.open()).toBe(75));
    }
    {
      using unknown = startWatchers({
        servers: [app],
        runId: '018f0000-0000-7000-8000-000000000000',
        logs: 10,
        states: 10,
      });
      await expect(unknown.ended).rejects.toThrow('There is no run');
    }
    {
      using cut = watchOften();
      await eventually(() => expect(cut.open()).toBe(75));
      app.cutConnections();
      await eventually(() => expect(cut.reconnects() >= 75 && cut.open() === 75).toBe(true));
    }
    {
      using toTheEnd = watchOften();
      await eventually(() => expect(toTheEnd.open()).toBe(75));
      await commitRun(services, runId, { from: ['queued'], to: 'cancelled' });
      await toTheEnd.ended;
    }
  } finally {
    unsubscribe('http.server.request.start', onRequest);
  }
  expect(requests.length).toBeGreaterThanOrEqual(3 * 320);
  await eventually(() => expect(services.hub.stats()).toMatchObject({ watchers: 0, channels: 0 }));
  await expectCollected(requests);
  await eventually(() => {
    const after = countResources();
    // Fewer when the client has closed a connection of its own meanwhile.
    expect(after.filter((count, index) => count > before[index]!)).toEqual([]);
  });
  const redis = new Redis(testRedis());
  await eventually(async () => expect(await redis.pubsub('CHANNELS', `${env.REDIS_PREFIX}:*`)).toEqual([]));
  redis.disconnect();
});
