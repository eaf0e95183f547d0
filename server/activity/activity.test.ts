import { describe, expect, test } from 'vitest';
import { commitRun } from '#server/runs/commit-run.ts';
import { eventually } from '#server/testing/eventually.ts';
import { testApp } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';

describe.each(['redis', 'postgres'] as const)('activity over %s', (backend) => {
  test('the stream has every change of every run of the project, in order', async () => {
    await using app = await testApp({ backend });
    const { client, services } = app;
    const { id: testId } = await client.api.tests.create.mutate({ name: 'Active', script: passing });
    const first = await client.api.tests.run.mutate({ testId });
    const activity = client.stream((api) => api.activity.onEvents);
    await eventually(() => expect(activity.data).toMatchObject([{ id: first.runId, status: 'queued' }]));
    const second = await client.api.tests.run.mutate({ testId });
    await commitRun(services, first.runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
    await commitRun(services, first.runId, { from: ['running'], to: 'passed' });
    await eventually(() => expect(activity.events).toHaveLength(4));
    expect(activity.data.map((run) => [run.id, run.status, run.activitySeq])).toEqual([
      [first.runId, 'queued', 1],
      [second.runId, 'queued', 2],
      [first.runId, 'running', 3],
      [first.runId, 'passed', 4],
    ]);
    expect(activity.events.map((event) => event.id)).toEqual(['1', '2', '3', '4']);
    const { items } = await client.api.runs.list.query({ testId });
    expect(items).toContainEqual(activity.data[3]);
  });

  test('a client that reconnects gets the current state of every run that has changed since', async () => {
    await using app = await testApp({ backend });
    const { client, services } = app;
    const { id: testId } = await client.api.tests.create.mutate({ name: 'Active', script: passing });
    const { runId } = await client.api.tests.run.mutate({ testId });
    const activity = client.stream((api) => api.activity.onEvents);
    await eventually(() => expect(activity.events).toHaveLength(1));
    const comeBack = client.stayAway();
    app.cutConnections();
    await eventually(() => expect(services.hub.stats().watchers).toBe(0));
    await commitRun(services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
    const second = await client.api.tests.run.mutate({ testId });
    await commitRun(services, runId, { from: ['running'], to: 'failed' });
    comeBack();
    await eventually(() => expect(activity.events).toHaveLength(3));
    expect(activity.data.slice(1).map((run) => [run.id, run.status])).toEqual([
      [second.runId, 'queued'],
      [runId, 'failed'],
    ]);
  });
});

test('a new client gets the latest 50 runs, oldest change first', async () => {
  await using app = await testApp({ queuedCapacity: 100 });
  const { client } = app;
  const { id: testId } = await client.api.tests.create.mutate({ name: 'Active', script: passing });
  for (let n = 0; n < 55; n += 1) await client.api.tests.run.mutate({ testId });
  const activity = client.stream((api) => api.activity.onEvents);
  await eventually(() => expect(activity.events).toHaveLength(50));
  expect(activity.data.map((run) => run.activitySeq)).toEqual(Array.from({ length: 50 }, (_, n) => n + 6));
});
