import { Redis } from 'ioredis';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { eventually } from '#server/testing/eventually.ts';
import { begin, pass, queueTest } from '#server/testing/played-worker.ts';
import { startRedis } from '#server/testing/redis.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';

/** Opens every kind of stream 20 times, and closes them all. */
async function watchALot(app: TestSystem, whileWatching: () => Promise<void>) {
  const { runId, testId } = await queueTest(app);
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
  await using app = await testApp({ redis: server.env });
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
  const { runId } = await queueTest(app);
  const stream = app.client.stream((api) => api.runs.onStatus, { runId });
  await eventually(() => expect(app.client.streamRequests().count).toBeGreaterThan(1));
  await begin(app, runId);
  await eventually(() => expect(stream.data.map((event) => event.status)).toEqual(['queued', 'running']));
});

test('a stream on the wire has tRPC’s format: connected, events with ids, return', async () => {
  await using app = await testApp();
  const { runId } = await queueTest(app);
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
