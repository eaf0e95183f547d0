import { describe, expect, test } from 'vitest';
import { jobChannels, testChannels } from '#shared/channels.ts';
import { createTestClient } from '#server/testing/client.ts';
import { eventually } from '#server/testing/eventually.ts';
import { begin, pass, publishFromOutside, queueTest } from '#server/testing/played-worker.ts';
import { testApp, useTestApp } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';
import { commitRun } from './commit-run.ts';

describe.each([
  ['redis', 'responder'],
  ['postgres', 'responder'],
  ['redis', 'stock'],
] as const)('streams over %s, answered by the %s', (backend, subscriptions) => {
  const getApp = useTestApp({ backend, subscriptions });

  test('the job stream sends exactly the contract’s fields for every state, and ends with the run', async () => {
    const app = getApp();
    const { runId } = await queueTest(app);
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
          artifactPaths: [],
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
    const { runId, testId } = await queueTest(app);
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
    const { runId, testId } = await queueTest(app);
    await begin(app, runId);
    await pass(app, runId);
    const again = await app.client.api.tests.run.mutate({ testId });
    const stream = app.client.stream((api) => api.tests.onStatus, { testId });
    await eventually(() => expect(stream.data).toMatchObject([{ status: 'queued', runId: again.runId }]));
  });

  test('changes between the subscription and the first read are not lost', async () => {
    const app = getApp();
    const { runId } = await queueTest(app);
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
    const { runId } = await queueTest(app);
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
    const { runId } = await queueTest(app);
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
    const { runId, testId } = await queueTest(app);
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
    const { runId } = await queueTest(app);
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
    const { runId } = await queueTest(app);
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
