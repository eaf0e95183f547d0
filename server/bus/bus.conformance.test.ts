import { setImmediate as nextTurn } from 'node:timers/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Bus } from './bus.ts';
import { startEmbeddedPostgres } from '#server/db/embedded/embedded-postgres.ts';
import { AppError } from '#server/lib/errors.ts';
import { eventually } from '#server/testing/eventually.ts';
import { startRedis } from '#server/testing/redis.ts';
import type { BusTimings } from './bus-connection.ts';
import { createPostgresBus } from './postgres-bus.ts';
import { createRedisBus } from './redis-bus.ts';

/** A real server, what can be seen of the bus from its side, and what can be done to it. */
interface Rig extends AsyncDisposable {
  bus(options?: BusTimings & { logger?: typeof quiet }): Promise<Bus>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Ends the connections that listen, and no other. */
  disconnect(): Promise<void>;
  /** The server does not read from connections that listen until this is disposed of. */
  freeze(): Promise<Disposable>;
  /** How many connections have this channel; on PostgreSQL only right for the latest command of a connection. */
  subscribers(channel: string): Promise<number>;
  /** Connections of buses. */
  connections(): Promise<number>;
  /** A channel that the server does not allow. */
  refused: string;
  /** Bytes of the largest message that is delivered whole. */
  maxBytes: number;
}

const quiet = { warn: (_fields: object, _message: string) => {}, info: (_fields: object, _message: string) => {} };

// No heartbeat unless a test is about it: what a connection did last is what the test made it do.
const defaults = { logger: quiet, heartbeatMs: 60_000 };

async function startRedisRig(): Promise<Rig> {
  const redis = await startRedis();
  const admin = new Redis(redis.url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  admin.on('error', () => {});
  const allow = () => admin.acl('SETUSER', 'bus', 'on', '>secret', '+@all', 'resetchannels', '&t:ok:*');
  await allow();
  return {
    bus: (options) =>
      createRedisBus({
        connection: `redis://bus:secret@127.0.0.1:${redis.port}`,
        prefix: 't:',
        ...defaults,
        ...options,
      }),
    stop: redis.stop,
    async start() {
      await redis.start();
      await allow();
    },
    async disconnect() {
      await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    },
    async freeze() {
      return frozen(redis.pid);
    },
    async subscribers(channel) {
      const [, count] = (await admin.pubsub('NUMSUB', `t:${channel}`)) as [string, number];
      return Number(count);
    },
    async connections() {
      return String(await admin.client('LIST')).split('name=runlight:').length - 1;
    },
    refused: 'forbidden:1',
    maxBytes: Infinity,
    async [Symbol.asyncDispose]() {
      admin.disconnect();
      await redis[Symbol.asyncDispose]();
    },
  };
}

async function startPostgresRig(): Promise<Rig> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'runlight-bus-'));
  const startServer = () => startEmbeddedPostgres({ dataDir, logger: quiet });
  let server = await startServer();
  const { connection } = server;
  const pool = new pg.Pool({ ...connection, connectionTimeoutMillis: 2_000 });
  pool.on('error', () => {});
  const listeners = async () => {
    const { rows } = await pool.query(
      "select pid, query from pg_stat_activity where application_name = 'runlight-bus'",
    );
    return rows as { pid: number; query: string }[];
  };
  return {
    bus: (options) => createPostgresBus({ pool, connection, ...defaults, ...options }),
    async stop() {
      await server[Symbol.asyncDispose]();
    },
    async start() {
      server = await startServer();
    },
    async disconnect() {
      for (const { pid } of await listeners()) await pool.query('select pg_terminate_backend($1)', [pid]);
    },
    async freeze() {
      return frozen(...(await listeners()).map(({ pid }) => pid));
    },
    async subscribers(channel) {
      return (await listeners()).filter(({ query }) => query.includes(`listen "${channel}"`) && !query.startsWith('un'))
        .length;
    },
    async connections() {
      return (await listeners()).length;
    },
    // The only name that LISTEN does not take.
    refused: '',
    maxBytes: 7_900,
    async [Symbol.asyncDispose]() {
      await pool.end();
      await server[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function frozen(...pids: number[]): Disposable {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  return {
    [Symbol.dispose]() {
      for (const pid of pids) {
        try {
          process.kill(pid, 'SIGCONT');
        } catch {
          // The test has killed it.
        }
      }
    },
  };
}

/** Patient, since the machine may be busy. */

/** A listener that keeps what it gets. */
function recorder() {
  const messages: (string | undefined)[] = [];
  return { messages, listen: (message: string | undefined) => void messages.push(message) };
}

/** Follows a promise without waiting for it. */
function observe<T>(promise: Promise<T>) {
  const observed = { promise, state: 'pending' as 'pending' | 'resolved' | 'rejected' };
  promise.then(
    () => (observed.state = 'resolved'),
    () => (observed.state = 'rejected'),
  );
  return observed;
}

function stateRecorder(bus: Bus) {
  const events: string[] = [];
  bus.onState((event) => events.push(event));
  return events;
}

const openSockets = () => process.getActiveResourcesInfo().filter((kind) => /^(TCPSocket|Pipe)Wrap$/.test(kind)).length;

const publish = (bus: Bus, channel: string, message: string) => bus.publish([{ channel, message }]);

/** Everything published earlier has been delivered when this resolves. */
async function settle(bus: Bus): Promise<void> {
  const fence = recorder();
  const release = await bus.subscribe('ok:fence', fence.listen);
  await publish(bus, 'ok:fence', '"fence"');
  await eventually(() => expect(fence.messages).toHaveLength(1));
  release();
}

describe.each([
  ['redis', startRedisRig],
  ['postgres', startPostgresRig],
] as const)('the bus on %s', (kind, startRig) => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  });
  afterAll(async () => {
    await rig?.[Symbol.asyncDispose]();
  });

  test('delivers a message to every listener of its channel in another process, and to no other listener', async () => {
    await using sender = await rig.bus();
    await using receiver = await rig.bus();
    const [one, two, other] = [recorder(), recorder(), recorder()];
    const channels: string[] = [];
    await receiver.subscribe('ok:a', one.listen);
    await receiver.subscribe('ok:a', (message, channel) => {
      two.listen(message);
      channels.push(channel);
    });
    await receiver.subscribe('ok:b', other.listen);
    await publish(sender, 'ok:a', '{"n":1}');
    await eventually(() => expect(two.messages).toEqual(['{"n":1}']));
    expect(one.messages).toEqual(['{"n":1}']);
    expect(channels).toEqual(['ok:a']);
    await settle(receiver);
    expect(other.messages).toEqual([]);
    expect(receiver.kind).toBe(kind);
    expect(receiver.state).toBe('up');
    await receiver.ping();
  });

  test('keeps the order of messages, within one call and over calls that are not awaited', async () => {
    await using bus = await rig.bus();
    const { messages, listen } = recorder();
    await bus.subscribe('ok:order', listen);
    const expected = Array.from({ length: 600 }, (_, index) => String(index));
    const calls: Promise<void>[] = [];
    for (let index = 0; index < 600; index += 3) {
      const batch = expected.slice(index, index + 3).map((message) => ({ channel: 'ok:order', message }));
      calls.push(bus.publish(batch));
      if (index % 30 === 0) await nextTurn();
    }
    await Promise.all(calls);
    await eventually(() => expect(messages).toHaveLength(600));
    expect(messages).toEqual(expected);
  });

  test('publishing an empty list resolves', async () => {
    await using bus = await rig.bus();
    await expect(bus.publish([])).resolves.toBeUndefined();
  });

  test('delivers any text unchanged', async () => {
    await using bus = await rig.bus();
    const { messages, listen } = recorder();
    await bus.subscribe('ok:text', listen);
    const texts = [
      '{"a":"\\u0000"}',
      '',
      'not JSON',
      `'; drop table runs; --`,
      '\u0001\u0001"x"\nbody',
      'two\nlines\r\n\ttab \\ "quotes"',
      'ä € 漢字 👩‍🚀 \u2028 \u{10ffff}',
      '{'.repeat(1_000),
    ];
    await bus.publish(texts.map((message) => ({ channel: 'ok:text', message })));
    await eventually(() => expect(messages).toHaveLength(texts.length));
    expect(messages).toEqual(texts);
  });

  test('keeps channels apart, even with very long names', async () => {
    await using bus = await rig.bus();
    const long = `ok:${'x'.repeat(500)}`;
    const names = ['ok:"quoted"; select 1', 'ok:ä€漢👩‍🚀', 'ok:%s \\ \n', `ok:${'ä'.repeat(40)}`, `${long}1`, `${long}2`];
    const received: string[][] = [];
    for (const name of names) await bus.subscribe(name, (message, channel) => received.push([channel, message ?? '']));
    for (const name of names) await publish(bus, name, JSON.stringify(name));
    await eventually(() => expect(received).toHaveLength(names.length));
    await settle(bus);
    expect(received).toEqual(names.map((name) => [name, JSON.stringify(name)]));
  });

  test('delivers a large message, or undefined in its place', async () => {
    await using bus = await rig.bus();
    const { messages, listen } = recorder();
    const long = `ok:${'x'.repeat(100)}`;
    await bus.subscribe('ok:large', listen);
    await bus.subscribe(long, listen);
    // 7,900 and 7,902 bytes, of half as many characters.
    const [fits, over, huge] = ['ä'.repeat(3_950), 'ä'.repeat(3_951), 'x'.repeat(2_000_000)];
    await publish(bus, 'ok:large', fits);
    await publish(bus, 'ok:large', over);
    await publish(bus, 'ok:large', huge);
    await publish(bus, long, huge);
    await eventually(() => expect(messages).toHaveLength(4));
    const whole = (message: string) => (Buffer.byteLength(message) <= rig.maxBytes ? message : undefined);
    expect(messages).toEqual([whole(fits), whole(over), whole(huge), whole(huge)]);
    expect(messages[0]).toBe(fits);
  });

  test('holds one subscription per channel until its last listener is released; releasing twice changes nothing', async () => {
    await using bus = await rig.bus();
    const listeners = [recorder(), recorder(), recorder()];
    const releases: (() => void)[] = [];
    for (const { listen } of listeners) releases.push(await bus.subscribe('ok:count', listen));
    expect(bus.channelCount()).toBe(1);
    expect(await rig.subscribers('ok:count')).toBe(1);

    releases[0]?.();
    releases[0]?.();
    releases[0]?.();
    releases[1]?.();
    await publish(bus, 'ok:count', '1');
    await eventually(() => expect(listeners[2]?.messages).toEqual(['1']));
    expect(listeners[0]?.messages).toEqual([]);
    expect(bus.channelCount()).toBe(1);

    releases[2]?.();
    await eventually(async () => expect(await rig.subscribers('ok:count')).toBe(0));
    await eventually(() => expect(bus.channelCount()).toBe(0));
    await publish(bus, 'ok:count', '2');
    await settle(bus);
    expect(listeners[2]?.messages).toEqual(['1']);
  });

  test('a function that subscribes twice gets each message twice', async () => {
    await using bus = await rig.bus();
    const { messages, listen } = recorder();
    const release = await bus.subscribe('ok:twice', listen);
    await bus.subscribe('ok:twice', listen);
    await publish(bus, 'ok:twice', '1');
    await eventually(() => expect(messages).toEqual(['1', '1']));
    release();
    await publish(bus, 'ok:twice', '2');
    await eventually(() => expect(messages).toEqual(['1', '1', '2']));
  });

  test('the first listeners of a channel wait for the same acknowledgement', async () => {
    await using bus = await rig.bus();
    const [one, two] = [recorder(), recorder()];
    const subscriptions: ReturnType<typeof observe>[] = [];
    {
      using _ = await rig.freeze();
      subscriptions.push(observe(bus.subscribe('ok:both', one.listen)));
      await nextTurn();
      subscriptions.push(observe(bus.subscribe('ok:both', two.listen)));
      await nextTurn();
      expect(subscriptions.map(({ state }) => state)).toEqual(['pending', 'pending']);
      expect(bus.channelCount()).toBe(1);
    }
    await Promise.all(subscriptions.map(({ promise }) => promise));
    expect(await rig.subscribers('ok:both')).toBe(1);
    await publish(bus, 'ok:both', '1');
    await eventually(() => expect([one.messages, two.messages]).toEqual([['1'], ['1']]));
  });

  test('a channel that is wanted again while it is being unsubscribed is subscribed again', async () => {
    await using bus = await rig.bus();
    const [before, after] = [recorder(), recorder()];
    const release = await bus.subscribe('ok:again', before.listen);
    let again: ReturnType<typeof observe>;
    {
      using _ = await rig.freeze();
      release();
      // The command to unsubscribe is on its way now.
      await nextTurn();
      again = observe(bus.subscribe('ok:again', after.listen));
      await nextTurn();
      expect(again.state).toBe('pending');
      expect(bus.channelCount()).toBe(1);
    }
    await again.promise;
    expect(await rig.subscribers('ok:again')).toBe(1);
    await publish(bus, 'ok:again', '1');
    await eventually(() => expect(after.messages).toEqual(['1']));
    expect(before.messages).toEqual([]);
  });

  test('a channel that is wanted again just before it is unsubscribed stays subscribed', async () => {
    await using bus = await rig.bus();
    const { messages, listen } = recorder();
    const release = await bus.subscribe('ok:kept', () => {});
    let other: Promise<unknown>;
    {
      using _ = await rig.freeze();
      // Leaves in the same round as the release, and before it.
      other = bus.subscribe('ok:other', () => {});
      release();
      await nextTurn();
      await bus.subscribe('ok:kept', listen);
    }
    await other;
    await settle(bus);
    await publish(bus, 'ok:kept', '1');
    await eventually(() => expect(messages).toEqual(['1']));
    await eventually(() => expect(bus.channelCount()).toBe(2));
  });

  test('a channel that is released before it is acknowledged is unsubscribed', async () => {
    await using bus = await rig.bus();
    let subscription: Promise<() => void>;
    {
      using _ = await rig.freeze();
      subscription = bus.subscribe('ok:early', () => {});
      void subscription.then((release) => release());
      await nextTurn();
    }
    await subscription;
    await eventually(() => expect(bus.channelCount()).toBe(0));
    expect(await rig.subscribers('ok:early')).toBe(0);
  });

  test('after any mixture of subscribing, aborting and releasing, exactly the remaining listeners get messages', async () => {
    await using bus = await rig.bus();
    const channels = ['ok:mix:0', 'ok:mix:1', 'ok:mix:2'];
    const held: { channel: string; release: () => void; heard: (string | undefined)[] }[] = [];
    const pending: Promise<void>[] = [];
    // A linear congruential generator: the same mixture every time.
    let seed = 42;
    const random = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
    for (let step = 0; step < 1_500; step += 1) {
      const action = random(10);
      if (action < 4) {
        const channel = channels[random(3)] ?? '';
        const controller = new AbortController();
        const { messages, listen } = recorder();
        pending.push(
          bus.subscribe(channel, listen, { signal: controller.signal }).then(
            (release) => void held.push({ channel, release, heard: messages }),
            (error) => expect(error).toBe(controller.signal.reason),
          ),
        );
        if (action === 0) controller.abort(new Error('left'));
      } else if (action < 9) {
        held.splice(random(Math.max(1, held.length)), 1)[0]?.release();
      } else {
        await nextTurn();
      }
    }
    await Promise.all(pending);
    const left = new Set(held.map(({ channel }) => channel));
    await eventually(() => expect(bus.channelCount()).toBe(left.size));
    for (const { heard } of held) heard.length = 0;
    await bus.publish(channels.map((channel) => ({ channel, message: channel })));
    await settle(bus);
    expect(held.length).toBeGreaterThan(0);
    for (const { channel, heard } of held) expect(heard).toEqual([channel]);
    for (const { release } of held) release();
    await eventually(() => expect(bus.channelCount()).toBe(0));
  });

  test('a channel that the server refuses rejects all its subscribers and no other channel', async () => {
    await using bus = await rig.bus();
    const refused = [bus.subscribe(rig.refused, () => {}), bus.subscribe(rig.refused, () => {})];
    const { messages, listen } = recorder();
    const allowed = ['ok:1', 'ok:2', 'ok:3'].map((channel) => bus.subscribe(channel, listen));
    const results = await Promise.allSettled(refused);
    for (const result of results) {
      const reason: unknown = result.status === 'rejected' && result.reason;
      expect(reason).toBeInstanceOf(AppError);
      expect(reason).toMatchObject({ code: 'SERVICE_UNAVAILABLE', cause: expect.any(Error) });
    }
    await Promise.all(allowed);
    expect(bus.channelCount()).toBe(3);
    await bus.publish(['ok:1', 'ok:2', 'ok:3'].map((channel) => ({ channel, message: channel })));
    await eventually(() => expect(messages).toEqual(['ok:1', 'ok:2', 'ok:3']));
    await expect(bus.subscribe(rig.refused, () => {})).rejects.toThrow('refused');
    expect(bus.channelCount()).toBe(3);
    expect(bus.state).toBe('up');
  });

  test('an aborted subscription rejects at once with the reason and leaves no channel', async () => {
    await using bus = await rig.bus();
    const reason = new Error('gone');
    await expect(bus.subscribe('ok:abort', () => {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(bus.channelCount()).toBe(0);

    const stays = recorder();
    const leaves = recorder();
    const controller = new AbortController();
    let other: Promise<() => void>;
    {
      using _ = await rig.freeze();
      const alone = bus.subscribe('ok:alone', leaves.listen, { signal: controller.signal });
      const shared = bus.subscribe('ok:shared', leaves.listen, { signal: controller.signal });
      other = bus.subscribe('ok:shared', stays.listen);
      await nextTurn();
      controller.abort(reason);
      await expect(alone).rejects.toBe(reason);
      await expect(shared).rejects.toBe(reason);
    }
    await other;
    await eventually(() => expect(bus.channelCount()).toBe(1));
    await bus.publish(['ok:alone', 'ok:shared'].map((channel) => ({ channel, message: channel })));
    await eventually(() => expect(stays.messages).toEqual(['ok:shared']));
    expect(leaves.messages).toEqual([]);
  });

  test('aborting after the acknowledgement changes nothing', async () => {
    await using bus = await rig.bus();
    const { messages, listen } = recorder();
    const controller = new AbortController();
    await bus.subscribe('ok:late', listen, { signal: controller.signal });
    controller.abort();
    await publish(bus, 'ok:late', '1');
    await eventually(() => expect(messages).toEqual(['1']));
  });

  test('a listener that throws is logged and harms neither other listeners nor the bus', async () => {
    const warn = vi.fn();
    await using bus = await rig.bus({ logger: { ...quiet, warn } });
    const { messages, listen } = recorder();
    await bus.subscribe('ok:throw', () => {
      throw new Error('broken listener');
    });
    await bus.subscribe('ok:throw', listen);
    await publish(bus, 'ok:throw', '1');
    await publish(bus, 'ok:throw', '2');
    await eventually(() => expect(messages).toEqual(['1', '2']));
    expect(warn).toHaveBeenCalledTimes(2);
    expect(warn.mock.calls[0]?.[0]).toMatchObject({ channel: 'ok:throw', err: { message: 'broken listener' } });
    expect(bus.state).toBe('up');
  });

  test('listeners may subscribe and release while a message is delivered', async () => {
    await using bus = await rig.bus();
    const [added, removed] = [recorder(), recorder()];
    const adding: Promise<unknown>[] = [];
    let removeNext = () => {};
    await bus.subscribe('ok:change', () => {
      removeNext();
      adding.push(bus.subscribe('ok:change', added.listen));
    });
    removeNext = await bus.subscribe('ok:change', removed.listen);
    await publish(bus, 'ok:change', '1');
    await settle(bus);
    await Promise.all(adding);
    expect(removed.messages).toEqual([]);
    expect(added.messages).toEqual([]);
    await publish(bus, 'ok:change', '2');
    await eventually(() => expect(added.messages).toEqual(['2']));
  });

  test('2,000 channels are subscribed and unsubscribed', async () => {
    await using bus = await rig.bus();
    const { messages, listen } = recorder();
    const channels = Array.from({ length: 2_000 }, (_, index) => `ok:many:${index}`);
    const releases = await Promise.all(channels.map((channel) => bus.subscribe(channel, listen)));
    expect(bus.channelCount()).toBe(2_000);
    await bus.publish(channels.map((channel) => ({ channel, message: channel })));
    await eventually(() => expect(messages).toHaveLength(2_000));
    expect(messages).toEqual(channels);
    for (const release of releases) release();
    await eventually(() => expect(bus.channelCount()).toBe(0));
    expect(await rig.subscribers('ok:many:0')).toBe(0);
    expect(await rig.subscribers('ok:many:1999')).toBe(0);
  });

  test('when the server ends the connection, the bus reports down, subscribes every channel again and reports reset', async () => {
    await using bus = await rig.bus();
    const { messages, listen } = recorder();
    const channels = Array.from({ length: 700 }, (_, index) => `ok:lost:${index}`);
    await Promise.all(channels.map((channel) => bus.subscribe(channel, listen)));
    const events: string[] = [];
    const published: Promise<void>[] = [];
    bus.onState((event) => {
      events.push(`${event} ${bus.state}`);
      // All are acknowledged already: a message that is sent now arrives.
      if (event === 'reset') published.push(bus.publish(channels.map((channel) => ({ channel, message: channel }))));
    });
    await rig.disconnect();
    await eventually(() => expect(events).toEqual(['down down', 'reset up']));
    await Promise.all(published);
    await eventually(() => expect(messages).toHaveLength(700));
    expect(messages).toEqual(channels);
    expect(await rig.connections()).toBe(kind === 'redis' ? 2 : 1);
  });

  test('when the server restarts, messages are delivered again after the reset, but not to listeners released since', async () => {
    await using bus = await rig.bus();
    const [stays, leaves] = [recorder(), recorder()];
    await bus.subscribe('ok:restart', stays.listen);
    const release = await bus.subscribe('ok:restart:left', leaves.listen);
    const events = stateRecorder(bus);
    const removed = vi.fn();
    bus.onState(removed)();
    await rig.stop();
    await eventually(() => expect(events).toEqual(['down']));
    expect(bus.state).toBe('down');
    release();
    expect(bus.channelCount()).toBe(1);
    await rig.start();
    await eventually(() => expect(events).toEqual(['down', 'reset']));
    expect(bus.state).toBe('up');
    await bus.publish(['ok:restart:left', 'ok:restart'].map((channel) => ({ channel, message: channel })));
    await eventually(() => expect(stays.messages).toEqual(['ok:restart']));
    expect(leaves.messages).toEqual([]);
    expect(removed).not.toHaveBeenCalled();
  });

  test('while the server is down, publishing and pinging fail, and a subscription waits for its return', async () => {
    await using bus = await rig.bus({ timeoutMs: 20_000 });
    const { messages, listen } = recorder();
    const events = stateRecorder(bus);
    await rig.stop();
    await eventually(() => expect(events).toEqual(['down']));
    await expect(publish(bus, 'ok:down', '0')).rejects.toThrow();
    await expect(bus.ping()).rejects.toThrow('out of reach');
    const subscription = observe(bus.subscribe('ok:down', listen));
    await nextTurn();
    expect(subscription.state).toBe('pending');
    await rig.start();
    await subscription.promise;
    await eventually(() => expect(events).toEqual(['down', 'reset']));
    await publish(bus, 'ok:down', '1');
    await eventually(() => expect(messages).toEqual(['1']));
  });

  test('a subscription gives up when the server stays down, and leaves nothing', async () => {
    await using bus = await rig.bus({ timeoutMs: 2_000 });
    await rig.stop();
    await eventually(() => expect(bus.state).toBe('down'));
    const subscription = bus.subscribe('ok:giveup', () => {});
    await expect(subscription).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: expect.stringContaining('out of reach'),
      cause: expect.any(Error),
    });
    expect(bus.channelCount()).toBe(0);
    await rig.start();
    await eventually(() => expect(bus.state).toBe('up'));
    await (
      await bus.subscribe('ok:giveup', () => {})
    )();
  });

  test('a pending subscription survives the loss of its connection', async () => {
    await using bus = await rig.bus({ timeoutMs: 20_000 });
    const { messages, listen } = recorder();
    const events = stateRecorder(bus);
    let subscription: ReturnType<typeof observe>;
    {
      using _ = await rig.freeze();
      subscription = observe(bus.subscribe('ok:lost', listen));
      await nextTurn();
      expect(subscription.state).toBe('pending');
      if (kind === 'redis') await rig.stop();
      else await rig.disconnect();
    }
    if (kind === 'redis') await rig.start();
    await subscription.promise;
    await eventually(() => expect(events).toEqual(['down', 'reset']));
    await publish(bus, 'ok:lost', '1');
    await eventually(() => expect(messages).toEqual(['1']));
    expect(bus.channelCount()).toBe(1);
  });

  test('a silent server is detected and its connection replaced', async () => {
    await using bus = await rig.bus({ heartbeatMs: 50, timeoutMs: 1_000 });
    const { messages, listen } = recorder();
    await bus.subscribe('ok:silent', listen);
    const events = stateRecorder(bus);
    {
      using _ = await rig.freeze();
      await eventually(() => expect(bus.state).toBe('down'));
    }
    // A busy machine may be silent for so long by itself.
    await eventually(async () => {
      await publish(bus, 'ok:silent', '1');
      expect(messages).toContain('1');
    });
    expect(events.slice(0, 2)).toEqual(['down', 'reset']);
  });

  test('disposing closes every connection and rejects pending and later calls', async () => {
    await rig.connections();
    const before = openSockets();
    const bus = await rig.bus();
    const events = stateRecorder(bus);
    const release = await bus.subscribe('ok:dispose', () => {});
    let waiting: Promise<unknown>;
    {
      using _ = await rig.freeze();
      waiting = bus.subscribe('ok:dispose:waiting', () => {});
      await nextTurn();
      await Promise.all([expect(waiting).rejects.toThrow('closed'), bus[Symbol.asyncDispose]()]);
      await eventually(() => expect(openSockets()).toBeLessThanOrEqual(before));
    }
    await eventually(async () => expect(await rig.connections()).toBe(0));
    await expect(bus.subscribe('ok:dispose', () => {})).rejects.toThrow('closed');
    await expect(bus.ping()).rejects.toThrow('closed');
    release();
    expect(bus.channelCount()).toBe(0);
    expect(bus.state).toBe('down');
    expect(events).toEqual([]);
    await bus[Symbol.asyncDispose]();
  });

  test('a bus can be disposed while its server is down', async () => {
    const bus = await rig.bus();
    await rig.stop();
    await eventually(() => expect(bus.state).toBe('down'));
    const waiting = bus.subscribe('ok:dispose:down', () => {});
    await Promise.all([expect(waiting).rejects.toThrow('closed'), bus[Symbol.asyncDispose]()]);
    await rig.start();
    await eventually(async () => expect(await rig.connections()).toBe(0));
  });

  test('creating a bus without a server fails with an error that says where, why and what to do', async () => {
    await rig.stop();
    try {
      const error = await rig.bus({ timeoutMs: 1_000 }).catch((reason: unknown) => reason as Error);
      expect(error).toBeInstanceOf(Error);
      const where = kind === 'redis' ? /Redis at 127\.0\.0\.1:\d+ / : /PostgreSQL at \/.*\.s\.PGSQL\.\d+ /;
      expect((error as Error).message).toMatch(where);
      expect((error as Error).message).toMatch(/(ECONNREFUSED|ENOENT).*\. Start /);
      expect((error as Error).cause).toBeInstanceOf(Error);
    } finally {
      await rig.start();
    }
  });
});
