import { once } from 'node:events';
import net from 'node:net';
import { Redis } from 'ioredis';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { jobChannels, runEventsChannel } from '#shared/channels.ts';
import { commitRun } from '#server/runs/commit-run.ts';
import { memoryInUse } from '#server/testing/collect-garbage.ts';
import { eventually } from '#server/testing/eventually.ts';
import { expectNothingLost } from '#server/testing/expect-nothing-lost.ts';
import { produce, queueRun } from '#server/testing/produce.ts';
import { startRedis, type TestRedis } from '#server/testing/redis.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { startWatchers } from '#server/testing/watchers.ts';

/** Whether the server still has any of the run's channels. */
async function expectNoChannels(app: TestSystem, server: { port: number }, runId: string) {
  expect(app.services.hub.stats().watchers).toBe(0);
  const redis = new Redis(server.port);
  const { status, complete } = jobChannels(runId);
  const names = [status, complete, runEventsChannel(runId)].map(({ name }) => `${app.env.REDIS_PREFIX}:${name}`);
  try {
    await eventually(async () => {
      expect(app.services.hub.stats().channels).toBe(0);
      expect(await redis.pubsub('NUMSUB', ...names)).toEqual(names.flatMap((name) => [name, 0]));
    });
  } finally {
    redis.disconnect();
  }
}

const appOn = (server: TestRedis) => testApp({ redis: server.env });

describe('clients that stop reading', () => {
  const publishes = 12_000;
  /** A long one, since each costs the time of many characters. */
  const text = 'x'.repeat(2_000);

  test('get the whole log when they read again, cost no memory meanwhile, and delay no other client', async () => {
    await using server = await startRedis();
    await using app = await appOn(server);
    const { services } = app;
    const runId = await queueRun(app.client);
    await commitRun(services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
    using readers = startWatchers({ servers: [app], runId, logs: 5, states: 95 });
    using paused = startWatchers({ servers: [app], runId, logs: 5, states: 95 });
    await eventually(() => expect(readers.open() + paused.open()).toBe(200));

    const log = Array.from({ length: 1_000 }, () => ({ type: 'log', stream: 'stdout', text }) as const);
    const write = async (entries: number) => {
      for (let written = 0; written < entries; written += log.length) {
        const done = { type: 'test', position: 0, name: 'Watched', status: 'running', flaky: false } as const;
        const run = await commitRun(services, runId, {
          from: ['running'],
          events: [...log, { ...done, duration: null, error: null }],
        });
        await eventually(() => expect(readers.seq()).toBe(run!.seq));
      }
    };
    await write(2_000);
    paused.pause();
    const seqWhenPaused = paused.seq();
    await write(2_000);
    const before = await memoryInUse();
    await write(publishes);
    const grownBytes = (await memoryInUse()) - before;
    console.log(`paused: ${publishes} entries of ${text.length} characters; memory grew by ${grownBytes} bytes`);
    // Far less than what would have to be kept for a single one of them.
    expect(grownBytes).toBeLessThan((publishes * text.length) / 4);
    expect(paused.seq()).toBeLessThan(seqWhenPaused + publishes);
    expect(services.hub.stats().watchers).toBe(200);

    await commitRun(services, runId, { from: ['running'], to: 'passed' });
    await expectNothingLost('beside paused clients', readers, services, runId);
    expect(paused.completed()).toBe(0);
    paused.resume();
    await expectNothingLost('paused clients', paused, services, runId);
    await expectNoChannels(app, server, runId);
  });

  test('get the newest state when they read again, cost no memory meanwhile, and delay no other client', async () => {
    await using server = await startRedis();
    await using app = await appOn(server);
    const { services } = app;
    const runId = await queueRun(app.client);
    await commitRun(services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
    using readers = startWatchers({ servers: [app], runId, logs: 5, states: 2 });
    using paused = startWatchers({ servers: [app], runId, logs: 5, states: 20 });
    await eventually(() => expect(readers.open() + paused.open()).toBe(32));

    const { status } = jobChannels(runId);
    let sent = 0;
    /** Resolves when those who read have got it all. */
    const flood = async (messages: number) => {
      for (const end = sent + messages; sent < end;) {
        // Without a version: such messages are passed on as they are.
        const batch = Array.from({ length: 1_000 }, () =>
          JSON.stringify({ status: 'running', runId, duration: sent++, errorDetails: text }),
        );
        await services.bus.publish(batch.map((message) => ({ channel: status.name, message })));
      }
      const test = { type: 'test', position: 0, name: 'Watched', status: 'running', flaky: false } as const;
      const run = await commitRun(services, runId, {
        from: ['running'],
        events: [{ ...test, duration: null, error: null }],
      });
      await eventually(() => expect(readers.version()).toBe(run!.version));
    };
    await flood(2_000);
    paused.pause();
    await flood(2_000);
    const before = await memoryInUse();
    await flood(publishes);
    const grownBytes = (await memoryInUse()) - before;
    console.log(`paused: ${publishes} states of ${text.length} characters; memory grew by ${grownBytes} bytes`);
    expect(grownBytes).toBeLessThan((publishes * text.length) / 4);

    await commitRun(services, runId, { from: ['running'], to: 'passed' });
    await expectNothingLost('beside paused clients', readers, services, runId);
    expect(paused.completed()).toBe(0);
    paused.resume();
    await expectNothingLost('paused clients', paused, services, runId);
    await expectNoChannels(app, server, runId);
  });
});

describe('clients that go', () => {
  test('while their channel is being subscribed leave nothing behind, and miss nothing when they come back', async () => {
    await using server = await startRedis();
    await using app = await appOn(server);
    const { services } = app;
    const runId = await queueRun(app.client);
    await using production = await produce(services, runId);
    using watchers = startWatchers({ servers: [app], runId, logs: 100, states: 100 });
    await eventually(() => expect(watchers.seq()).toBeGreaterThan(20));

    const { hub } = services;
    for (let round = 0; round < 2; round++) {
      // The last to leave releases the channels; who comes then has to wait for a server that does not answer.
      process.kill(server.pid, 'SIGSTOP');
      for (let turn = 0; turn < 2; turn++) {
        watchers.cut({ wait: eventually(() => expect(hub.stats().watchers).toBe(0)) });
        await eventually(() => expect(watchers.open()).toBe(200));
        // Those of the channel that is released first wait; the other two channels are still to be had.
        expect(hub.stats()).toMatchObject({ watchers: 100, channels: 3 });
      }
      process.kill(server.pid, 'SIGCONT');
      await eventually(() => expect(hub.stats().watchers).toBe(200));
      const head = production.head();
      await eventually(() => expect(watchers.seq()).toBeGreaterThan(head + 20));
    }
    await production.finish('passed');
    await expectNothingLost('gone during SUBSCRIBE', watchers, services, runId);
    await expectNoChannels(app, server, runId);
  });

  test('while the first read is under way leave nothing behind, and miss nothing when they come back', async () => {
    await using server = await startRedis();
    await using app = await appOn(server);
    const { services } = app;
    const runId = await queueRun(app.client);
    await using production = await produce(services, runId);
    using watchers = startWatchers({ servers: [app], runId, logs: 100, states: 100 });
    await eventually(() => expect(watchers.seq()).toBeGreaterThan(20));

    const { hub, db } = services;
    for (let round = 0; round < 2; round++) {
      await db.transaction().execute(async (trx) => {
        // No query can read runs until this ends.
        await sql`lock table runs in access exclusive mode`.execute(trx);
        for (let turn = 0; turn < 2; turn++) {
          watchers.cut({ wait: eventually(() => expect(hub.stats().watchers).toBe(0)) });
          await eventually(() => expect(watchers.open()).toBe(200));
          await eventually(() => expect(hub.stats().watchers).toBe(200));
        }
      });
      const head = production.head();
      await eventually(() => expect(watchers.seq()).toBeGreaterThan(head + 20));
    }
    await production.finish('passed');
    await expectNothingLost('gone during the first read', watchers, services, runId);
    await expectNoChannels(app, server, runId);
  });

  test('3,000 times leave nothing behind, and disturb no other client', async () => {
    const visits = 3_000;
    await using server = await startRedis();
    await using app = await appOn(server);
    const { services } = app;
    const runId = await queueRun(app.client);
    await using production = await produce(services, runId, { paceMs: 150 });
    using watchers = startWatchers({ servers: [app], runId, logs: 100, states: 100 });
    await eventually(() => expect(watchers.open()).toBe(200));

    const { port } = new URL(app.url);
    const input = encodeURIComponent(JSON.stringify({ runId }));
    let left = visits;
    const comeAndGo = async () => {
      while (left > 0) {
        left -= 1;
        // Who follows the log goes on at its end, and so gets nothing at first.
        const isLog = left % 2 === 0;
        const lastEventId = isLog ? `&lastEventId=${production.head()}` : '';
        const target = `/api/trpc/${isLog ? 'runs.onEvents' : 'runs.onStatus'}?input=${input}${lastEventId}`;
        const socket = net.connect(Number(port), '127.0.0.1').on('error', () => {});
        socket.write(
          `GET ${target} HTTP/1.1\r\nhost: localhost\r\nauthorization: ${app.headers.authorization}\r\n\r\n`,
        );
        // Some go before they are answered, some with the first bytes, some after the first event.
        const until = ['', 'HTTP/1.1 200', isLog ? 'connected' : '\nid: '][left % 3]!;
        if (until === '') await once(socket, 'connect');
        else for (let seen = ''; !seen.includes(until);) seen += (await once(socket, 'data'))[0];
        socket.destroy();
        await once(socket, 'close');
      }
    };

    await Promise.all(Array.from({ length: 50 }, comeAndGo));

    await eventually(() => expect(services.hub.stats().watchers).toBe(200));
    expect(watchers.reconnects()).toBe(0);
    await production.finish('passed');
    console.log(`came and went: ${visits}`);
    await expectNothingLost(`beside ${visits} that came and went`, watchers, services, runId);
    await expectNoChannels(app, server, runId);
  });
});
