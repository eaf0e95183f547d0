import os from 'node:os';
import { describe, expect, test } from 'vitest';
import { version } from '#server/config/installation.ts';
import { eventually } from '#server/testing/eventually.ts';
import { testApp, testWorker, type TestSystem } from '#server/testing/resources.ts';
import { endless } from '#server/testing/scripts.ts';
import { sweepOnce } from '#server/maintenance/sweeper.ts';
import { addWorker, removeWorker, silentMs } from './queries.ts';

/** Lists a worker that exists in the database only. */
async function addOne({ services }: TestSystem, id = 'far:7:one') {
  const startedAt = '2020-01-01T00:00:00.000Z';
  await addWorker(services, { id, host: 'far', pid: 7, version: '0.9.0', concurrency: 1, startedAt });
}

const silence = ({ services }: TestSystem, id: string) =>
  services.db.updateTable('workers').set({ beatAt: '2020-01-01T00:00:00Z' }).where('id', '=', id).execute();
const sweep = ({ services }: TestSystem) => sweepOnce({ ...services, syncSchedules: async () => {} }, { silentMs });

describe.each(['redis', 'postgres'] as const)('the list of workers over %s', (backend) => {
  test('a worker is listed with its runs from its start until it stops', async () => {
    await using app = await testApp({ backend });
    const { api, stream } = app.client;
    const workers = stream((api) => api.workers.onPresence);
    const newest = () => workers.data.at(-1)?.items;
    await eventually(() => expect(newest()).toEqual([]));

    const worker = await testWorker(app);
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const idle = {
      id: expect.stringContaining(`:${process.pid}:`),
      host: os.hostname(),
      pid: process.pid,
      version,
      concurrency: 2,
      runs: [],
      startedAt: time,
      beatAt: time,
    };
    await eventually(() => expect(newest()).toEqual([idle]));

    const { id: testId } = await api.tests.create.mutate({ name: 'Endless', script: endless });
    const { runId } = await api.tests.run.mutate({ testId });
    await eventually(() =>
      expect(newest()).toEqual([{ ...idle, runs: [{ runId, name: 'Endless', projectId: app.projectId }] }]),
    );
    expect(await api.workers.list.query()).toMatchObject({ items: [{ runs: [{ runId, name: 'Endless' }] }] });
    await api.runs.cancel.mutate({ runId });
    await eventually(() => expect(newest()).toEqual([idle]));

    await worker[Symbol.asyncDispose]();
    await eventually(() => expect(newest()).toEqual([]));
    expect(await api.workers.list.query()).toMatchObject({ items: [] });
    const sequence = workers.data.map(({ seq }) => seq);
    expect(sequence).toEqual([...new Set(sequence)].sort((a, b) => a - b));
  });

  test('a killed worker is no longer listed once it has been silent, and is removed later', async () => {
    await using app = await testApp({ backend });
    await addOne(app, 'far:7:killed');
    await addOne(app, 'far:8:well');
    const workers = app.client.stream((api) => api.workers.onPresence);
    const ids = () => workers.data.at(-1)?.items.map(({ id }) => id);
    await eventually(() => expect(ids()).toEqual(['far:7:killed', 'far:8:well']));
    await sweep(app);
    await silence(app, 'far:7:killed');
    const { items } = await app.client.api.workers.list.query();
    expect(items.map(({ id }) => id)).toEqual(['far:8:well']);
    expect(workers.events).toHaveLength(1);
    await sweep(app);
    await eventually(() => expect(ids()).toEqual(['far:8:well']));
    expect(await app.services.db.selectFrom('workers').select('id').execute()).toEqual([{ id: 'far:8:well' }]);
  });

  test('a client that reconnects gets the current state once, and nothing if it has that state already', async () => {
    await using app = await testApp({ backend });
    await addOne(app);
    const workers = app.client.stream((api) => api.workers.onPresence);
    await eventually(() => expect(workers.data).toMatchObject([{ items: [{ id: 'far:7:one' }] }]));
    const comeBack = app.client.stayAway();
    app.cutConnections();
    await eventually(() => expect(app.services.hub.stats().watchers).toBe(0));
    await addOne(app, 'far:8:other');
    await removeWorker(app.services, 'far:7:one');
    comeBack();
    await eventually(() => expect(workers.events).toHaveLength(2));
    expect(workers.data[1]).toMatchObject({ items: [{ id: 'far:8:other' }] });

    const known = app.client.stream((api) => api.workers.onPresence, { lastEventId: workers.events[1]!.id });
    const garbage = app.client.stream((api) => api.workers.onPresence, { lastEventId: 'garbage' });
    await Promise.all([known.started, eventually(() => expect(garbage.events).toEqual([workers.events[1]]))]);
    await removeWorker(app.services, 'far:8:other');
    await eventually(() => expect(known.data).toMatchObject([{ items: [] }]));
  });

  test('many changes at once are sent in order, and the last one is the current state', async () => {
    await using app = await testApp({ backend });
    const workers = app.client.stream((api) => api.workers.onPresence);
    await eventually(() => expect(workers.events).toHaveLength(1));
    // So many that Postgres' notifications cannot hold the list.
    const ids = Array.from({ length: 60 }, (_, n) => `far:${n}:${n}`);
    await Promise.all(ids.map((id) => addOne(app, id)));
    await eventually(() => expect(workers.data.at(-1)?.items).toHaveLength(60));
    expect(workers.data.at(-1)).toEqual(await app.client.api.workers.list.query());
    const sequence = workers.data.map(({ seq }) => seq);
    expect(sequence).toEqual([...new Set(sequence)].sort((a, b) => a - b));
  });
});

test('the fallback poll finds changes of workers when the bus delivers nothing', async () => {
  await using app = await testApp({ fallbackIntervalMs: 200 });
  const workers = app.client.stream((api) => api.workers.onPresence);
  await eventually(() => expect(workers.data).toMatchObject([{ items: [] }]));
  const publisher = { publish() {}, flush: async () => {} };
  await addOne({ ...app, services: { ...app.services, publisher } });
  await eventually(() => expect(workers.data[1]).toMatchObject({ items: [{ id: 'far:7:one' }] }));
});

test('streams show new heartbeats', async () => {
  await using app = await testApp({ worker: true });
  const workers = app.client.stream((api) => api.workers.onPresence);
  await eventually(() => expect(workers.data).toMatchObject([{ items: [{ host: os.hostname() }] }]));
  const { beatAt } = workers.data[0]!.items[0]!;
  await eventually(() => expect(workers.data.at(-1)!.items[0]!.beatAt > beatAt).toBe(true));
});
