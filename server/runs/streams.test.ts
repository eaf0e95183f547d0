import { Redis } from 'ioredis';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { jobChannels, testChannels } from '#shared/channels.ts';
import { createTestClient } from '#server/testing/client.ts';
import { eventually } from '#server/testing/eventually.ts';
import { testApp, testRedis, type TestSystem, useTestApp } from '#server/testing/resources.ts';
import { startRedis } from '#server/testing/redis.ts';
import { passing } from '#server/testing/scripts.ts';
import { commitRun } from './commit-run.ts';

/** Queues a run; there is no worker, so it goes on as the test says. */
async function queueRun({ client }: TestSystem) {
  const { id: testId } = await client.api.tests.create.mutate({ name: 'Watched', script: passing });
  const { runId } = await client.api.tests.run.mutate({ testId });
  return { testId, runId };
}

const begin = (app: TestSystem, runId: string) =>
  commitRun(app.services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
const pass = (app: TestSystem, runId: string) =>
  commitRun(app.services, runId, {
    from: ['running'],
    to: 'passed',
    reportPath: `/artifacts/${runId}/report/index.html`,
    artifactPaths: [`/artifacts/${runId}/report/index.html`],
    events: [{ type: 'test', position: 0, name: 'Watched', status: 'passed', flaky: false, duration: 5, error: null }],
  });

/** Publishes as a program does that knows nothing of Runlight but its channels. */
async function publishFromOutside(app: TestSystem, channel: string, message: string) {
  if (app.serviceOptions.redis) {
    const redis = new Redis(testRedis());
    await redis.publish(`${app.serviceOptions.namespace}:${channel}`, message);
    redis.disconnect();
  } else {
    await app.services.bus.publish([{ channel, message }]);
  }
}

describe.each([
  ['redis', 'responder'],
  ['postgres', 'responder'],
  ['redis', 'stock'],
] as const)('streams over %s, answered by the %s', (backend, subscriptions) => {
  const getApp = useTestApp({ backend, subscriptions });

  test('the job stream sends exactly the contract’s fields for every state, and ends with the run', async () => {
    const app = getApp();
    const { runId } = await queueRun(app);
    const stream = app.client.stream((api) => api.runs.onStatus, { runId });
    await eventually(() => expect(stream.events).toHaveLength(1));
    await begin(app, runId);
    await eventually(() => expect(stream.events).toHaveLength(2));
    await pass(app, runId);
    await stream.ended;

    const always = { runId, kind: 'test', name: 'Watched', total: 1, failed: 0, skipped: 0, flaky: 0 };
    const live = { ...always, duration: null, completedAt: null, errorDetails: null, artifactPaths: [], passed: 0 };
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(stream.events).toEqual([
      { id: '1', data: { ...live, status: 'queued', version: 1, startedAt: null } },
      { id: '2', data: { ...live, status: 'running', version: 2, startedAt: time } },
      {
        id: '3',
        data: {
          ...always,
          status: 'passed',
          version: 3,
          duration: expect.any(Number),
          startedAt: time,
          completedAt: time,
          errorDetails: null,
          artifactPaths: [`/artifacts/${runId}/report/index.html`],
          passed: 1,
        },
      },
    ]);
  });

  test('the test stream waits for a first run, then sends exactly the contract’s fields', async () => {
    const app = getApp();
    const { id: testId } = await app.client.api.tests.create.mutate({ name: 'Watched', script: passing });
    const stream = app.client.stream((api) => api.tests.onStatus, { testId });
    await eventually(() => expect(stream.data).toEqual([{ status: 'waiting', testId }]));
    const { runId } = await app.client.api.tests.run.mutate({ testId });
    await eventually(() => expect(stream.events).toHaveLength(2));
    await begin(app, runId);
    await eventually(() => expect(stream.events).toHaveLength(3));
    await pass(app, runId);
    await stream.ended;

    const live = { testId, runId, reportPath: null, s3Url: null, error: null };
    expect(stream.events.slice(1)).toEqual([
      { id: `${runId}:1`, data: { ...live, status: 'queued', version: 1 } },
      { id: `${runId}:2`, data: { ...live, status: 'running', version: 2 } },
      {
        id: `${runId}:3`,
        data: { ...live, status: 'passed', version: 3, reportPath: `/artifacts/${runId}/report/index.html` },
      },
    ]);
  });

  test('the stream of a finished run sends one terminal event, ends, and is not requested again', async () => {
    const app = getApp();
    const { runId, testId } = await queueRun(app);
    await begin(app, runId);
    await pass(app, runId);
    const client = createTestClient(app);
    const ofRun = client.stream((api) => api.runs.onStatus, { runId });
    const ofTest = client.stream((api) => api.tests.onStatus, { testId });
    await Promise.all([ofRun.ended, ofTest.ended]);
    expect(ofRun.data.map((event) => event.status)).toEqual(['passed']);
    expect(ofTest.data.map((event) => event.status)).toEqual(['passed']);
    expect(client.streamRequests()).toEqual({ count: 2, allClosed: true });
  });

  test('the stream of a test that runs again does not send the verdict of the run before', async () => {
    const app = getApp();
    const { runId, testId } = await queueRun(app);
    await begin(app, runId);
    await pass(app, runId);
    const again = await app.client.api.tests.run.mutate({ testId });
    const stream = app.client.stream((api) => api.tests.onStatus, { testId });
    await eventually(() => expect(stream.data).toMatchObject([{ status: 'queued', runId: again.runId }]));
  });

  test('changes between the subscription and the first read are not lost', async () => {
    const app = getApp();
    const { runId } = await queueRun(app);
    const { db, hub } = app.services;
    const stream = await db.transaction().execute(async (trx) => {
      // Runs cannot be read until this ends.
      await trx.schema.alterTable('runs').addColumn('locked', 'boolean').execute();
      const opened = app.client.stream((api) => api.runs.onStatus, { runId });
      await eventually(() => expect(hub.stats().watchers).toBe(1));
      await publishFromOutside(
        app,
        jobChannels(runId).status.name,
        JSON.stringify({ status: 'running', runId, version: 2 }),
      );
      return opened;
    });
    await eventually(() =>
      expect(stream.data).toMatchObject([
        { status: 'queued', version: 1 },
        { status: 'running', version: 2 },
      ]),
    );
  });

  test('a client that reconnects gets only new events, and none twice', async () => {
    const app = getApp();
    const { runId } = await queueRun(app);
    const status = app.client.stream((api) => api.runs.onStatus, { runId });
    const events = app.client.stream((api) => api.runs.onEvents, { runId });
    await eventually(() => expect([status.events.length, events.events.length]).toEqual([1, 1]));

    const comeBack = app.client.stayAway();
    app.cutConnections();
    await eventually(() => expect(app.services.hub.stats().watchers).toBe(0));
    await begin(app, runId);
    await commitRun(app.services, runId, {
      from: ['running'],
      events: [{ type: 'log', stream: 'stdout', text: 'meanwhile\n' }],
    });
    comeBack();
    await eventually(() => expect(status.data.map((event) => event.status)).toEqual(['queued', 'running']));
    await pass(app, runId);
    await Promise.all([status.ended, events.ended]);
    expect(status.data.map((event) => event.status)).toEqual(['queued', 'running', 'passed']);
    expect(events.events.map((event) => event.id)).toEqual(['1', '2', '3', '4', '5']);
    expect(events.data.map((event) => event.type)).toEqual(['status', 'status', 'log', 'test', 'status']);
  });

  test('a last event id decides where a stream starts, and an unknown one is ignored', async () => {
    const app = getApp();
    const { runId } = await queueRun(app);
    await begin(app, runId);
    await pass(app, runId);
    const since = (lastEventId: string) => app.client.stream((api) => api.runs.onEvents, { runId, lastEventId });
    const streams = { '2': since('2'), '4': since('4'), '99': since('99'), garbage: since("'; drop table runs") };
    await Promise.all(Object.values(streams).map((stream) => stream.ended));
    expect(Object.values(streams).map((stream) => stream.events.map((event) => event.id))).toEqual([
      ['3', '4'],
      [],
      ['1', '2', '3', '4'],
      ['1', '2', '3', '4'],
    ]);
    const known = app.client.stream((api) => api.runs.onStatus, { runId, lastEventId: '3' });
    await known.ended;
    expect(known.events).toEqual([]);
  });

  test('messages of outside publishers are sent unchanged, and a terminal one ends the stream', async () => {
    const app = getApp();
    const { runId, testId } = await queueRun(app);
    const ofRun = app.client.stream((api) => api.runs.onStatus, { runId });
    const ofTest = app.client.stream((api) => api.tests.onStatus, { testId });
    await eventually(() => expect([ofRun.events.length, ofTest.events.length]).toEqual([1, 1]));

    const job = jobChannels(runId);
    await publishFromOutside(
      app,
      job.status.name,
      JSON.stringify({ status: 'RUNNING', runId, duration: 12, extra: 1 }),
    );
    await eventually(() => expect(ofRun.data[1]).toEqual({ status: 'running', runId, duration: 12 }));
    await publishFromOutside(app, job.complete.name, JSON.stringify({ status: 'Completed', runId }));
    await ofRun.ended;
    expect(ofRun.data[2]).toEqual({ status: 'passed', runId });
    expect(ofRun.events).toHaveLength(3);

    const outside = { status: 'failed', testId, reportPath: 'r', s3Url: 's3://bucket/r', error: 'no' };
    await publishFromOutside(app, testChannels(testId).complete.name, JSON.stringify(outside));
    await ofTest.ended;
    expect(ofTest.data[1]).toEqual(outside);
    // Only our own workers decide what a run has come to.
    expect((await app.client.api.runs.byId.query({ runId })).status).toBe('queued');
  });

  test('invalid messages on a channel are counted and ignored', async () => {
    const app = getApp();
    const { runId } = await queueRun(app);
    const stream = app.client.stream((api) => api.runs.onStatus, { runId });
    await eventually(() => expect(stream.events).toHaveLength(1));
    const { status } = jobChannels(runId);
    const invalid = app.services.hub.stats().invalid;
    for (const garbage of ['', '{', '[]', 'null', '{"status":"exploded"}', '{"status":7}', '\u{1f4a5}'])
      await publishFromOutside(app, status.name, garbage);
    await begin(app, runId);
    await eventually(() => expect(stream.data.map((event) => event.status)).toEqual(['queued', 'running']));
    expect(app.services.hub.stats().invalid).toBe(invalid + 7);
  });

  test('the fallback poll finds changes that were not published', async () => {
    await using app = await testApp({ backend, subscriptions, fallbackIntervalMs: 200 });
    const { runId } = await queueRun(app);
    const status = app.client.stream((api) => api.runs.onStatus, { runId });
    const events = app.client.stream((api) => api.runs.onEvents, { runId });
    await eventually(() => expect([status.events.length, events.events.length]).toEqual([1, 1]));
    // Another process writes, and its messages are lost.
    const silent = { ...app.services, publisher: { publish() {}, flush: async () => {} } };
    await commitRun(silent, runId, { from: ['queued'], to: 'cancelled' });
    await Promise.all([status.ended, events.ended]);
    expect(status.data.at(-1)?.status).toBe('cancelled');
    expect(events.data.at(-1)).toMatchObject({ type: 'status', status: 'cancelled' });
  });
});

/** Opens every kind of stream 20 times over, and closes them all. */
async function watchALot(app: TestSystem, whileWatching: () => Promise<void>) {
  const { runId, testId } = await queueRun(app);
  const streams = Array.from({ length: 20 }, () => [
    app.client.stream((api) => api.runs.onStatus, { runId }),
    app.client.stream((api) => api.runs.onEvents, { runId }),
    app.client.stream((api) => api.tests.onStatus, { testId }),
    app.client.stream((api) => api.activity.onEvents),
    app.client.stream((api) => api.queue.onStats),
  ]).flat();
  await eventually(() => expect(streams.every((stream) => stream.events.length > 0)).toBe(true));
  expect(app.services.hub.stats()).toMatchObject({ watchers: 100, channels: 7 });
  await whileWatching();
  for (const stream of streams) stream.close();
  await eventually(() => expect(app.services.hub.stats()).toMatchObject({ watchers: 0, channels: 0 }));
}

test('100 watchers take no Redis connection of their own, and leave no channel behind', async () => {
  await using server = await startRedis();
  await using app = await testApp({ redis: { host: '127.0.0.1', port: server.port } });
  const redis = new Redis(server.port);
  const connections = async () => ((await redis.client('LIST')) as string).trim().split('\n').length;
  const before = await connections();
  await watchALot(app, async () => {
    expect(await connections()).toBe(before);
    expect(await redis.pubsub('CHANNELS')).toHaveLength(7);
  });
  await eventually(async () => expect(await redis.pubsub('CHANNELS')).toEqual([]));
  expect(await connections()).toBe(before);
  redis.disconnect();
});

test('100 watchers share one listening Postgres connection, and leave no channel behind', async () => {
  await using app = await testApp({ backend: 'postgres' });
  const listening = async () => {
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from pg_stat_activity
      where datname = current_database() and application_name = 'runlight-bus'`.execute(app.services.db);
    return rows[0]!.n;
  };
  await watchALot(app, async () => expect(await listening()).toBe(1));
  expect(await listening()).toBe(1);
});

test('an unknown run ends the stream for good with NOT_FOUND', async () => {
  await using app = await testApp();
  const stream = app.client.stream((api) => api.runs.onStatus, { runId: '018f0000-0000-7000-8000-000000000000' });
  await expect(stream.ended).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } });
  expect(app.client.streamRequests()).toEqual({ count: 1, allClosed: true });
});

test('a stream ends after its maximum duration, and its client continues in a new one without a gap', async () => {
  await using app = await testApp({ connectionTimeoutMs: 1_000, pingIntervalMs: 500 });
  const { runId } = await queueRun(app);
  const stream = app.client.stream((api) => api.runs.onStatus, { runId });
  await eventually(() => expect(app.client.streamRequests().count).toBeGreaterThan(1));
  await begin(app, runId);
  await eventually(() => expect(stream.data.map((event) => event.status)).toEqual(['queued', 'running']));
});

test('a stream on the wire has tRPC’s format: connected, events with ids, return', async () => {
  await using app = await testApp();
  const { runId } = await queueRun(app);
  await begin(app, runId);
  await pass(app, runId);
  const response = await fetch(
    `${app.url}/api/trpc/runs.onStatus?input=${encodeURIComponent(JSON.stringify({ runId }))}`,
    { headers: { accept: 'text/event-stream', ...app.headers } },
  );
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const text = await response.text();
  expect(text).toMatch(/^event: connected\ndata: \{.*\}\n\n\n?/);
  expect(text).toMatch(/data: \{"status":"passed".*\}\nid: 3\n\n/);
  expect(text).toMatch(/event: return\ndata: \n\n/);
});
