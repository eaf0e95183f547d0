import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { defaultOrganizationId } from '#server/identity/default-ids.ts';
import { sweepOnce } from '#server/maintenance/sweeper.ts';
import { queueBackend } from '#server/open-services.ts';
import { commitRun } from '#server/runs/commit-run.ts';
import { queueTests } from '#server/testing/conformance/queue.ts';
import { eventually } from '#server/testing/eventually.ts';
import { startRedis } from '#server/testing/redis.ts';
import { testApp } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';
import { openQueue } from './backend.ts';

describe.each(['redis', 'postgres'] as const)('the queue on %s', (backend) => {
  describe('hands runs to workers', () => queueTests((options) => testApp({ backend, ...options })));

  test('a full queue refuses a run and names its capacity; a run is accepted again when there is room', async () => {
    await using app = await testApp({ backend, queuedCapacity: 2 });
    const { tests, runs } = app.client.api;
    const { id: testId } = await tests.create.mutate({ name: 'Queued', script: passing });
    const { runId } = await tests.run.mutate({ testId });
    await tests.run.mutate({ testId });
    await expect(tests.run.mutate({ testId })).rejects.toMatchObject({
      data: { code: 'TOO_MANY_REQUESTS', httpStatus: 429 },
      message: expect.stringMatching(/^Queue full: 2 of 2 runs are waiting/),
    });
    expect(await runs.cancel.mutate({ runId })).toEqual({ runId, status: 'cancelled' });
    await tests.run.mutate({ testId });
  });

  test('concurrent requests never exceed the capacity', async () => {
    await using app = await testApp({ backend, queuedCapacity: 5 });
    const { tests } = app.client.api;
    const { id: testId } = await tests.create.mutate({ name: 'Queued', script: passing });
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => tests.run.mutate({ testId })));
    expect(attempts.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(5);
    expect(await app.client.api.queue.stats.query()).toMatchObject({ queued: 5, queuedCapacity: 5 });
  });

  test('the same idempotency key returns the same run, even for concurrent requests or a full queue', async () => {
    await using app = await testApp({ backend, queuedCapacity: 1 });
    const { tests } = app.client.api;
    const { id: testId } = await tests.create.mutate({ name: 'Once', script: passing });
    const once = () => tests.run.mutate({ testId, idempotencyKey: 'build-17' });
    const [first, second] = await Promise.all([once(), once()]);
    expect(second).toEqual(first);
    expect(await once()).toEqual(first);
    expect((await app.client.api.runs.list.query({ testId })).items).toHaveLength(1);

    const other = await tests.create.mutate({ name: 'Other', script: passing });
    await expect(tests.run.mutate({ testId: other.id, idempotencyKey: 'build-17' })).rejects.toMatchObject({
      data: { code: 'CONFLICT', fieldErrors: { idempotencyKey: [expect.stringContaining('"Once"')] } },
    });
  });

  test('the list has running and queued runs in order, and positions count the runs of other projects', async () => {
    await using app = await testApp({ backend });
    const { db } = app.services;
    const { tests, runs, queue } = app.client.api;
    const { id: testId } = await tests.create.mutate({ name: 'Listed', script: passing });
    const start = async () => (await tests.run.mutate({ testId })).runId;
    const [first, second, foreign, third] = [await start(), await start(), await start(), await start()];
    const projectId = randomUUID();
    await db
      .insertInto('projects')
      .values({ id: projectId, name: 'Elsewhere', organizationId: defaultOrganizationId })
      .execute();
    await db.updateTable('runs').set({ projectId }).where('id', '=', foreign).execute();
    const list = async () => {
      const { running, queued } = await queue.list.query();
      return { running: running.map((run) => run.id), queued: queued.map((run) => [run.position, run.id]) };
    };
    const waiting = [
      [1, first],
      [2, second],
      [4, third],
    ];
    expect(await list()).toEqual({ running: [], queued: waiting });

    await commitRun(app.services, second, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
    await commitRun(app.services, first, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
    expect(await list()).toEqual({ running: [second, first], queued: [[2, third]] });
    await commitRun(app.services, second, { from: ['running'], to: 'passed' });
    await runs.cancel.mutate({ runId: third });
    expect(await list()).toEqual({ running: [first], queued: [] });
  });

  test('a run of a silent worker ends as worker_lost, a run of a worker with heartbeats continues', async () => {
    await using app = await testApp({ backend });
    const { services, client } = app;
    const { id: testId } = await client.api.tests.create.mutate({ name: 'Abandoned', script: passing });
    const [lost, healthy] = [
      await client.api.tests.run.mutate({ testId }),
      await client.api.tests.run.mutate({ testId }),
    ];
    for (const { runId } of [lost, healthy])
      await commitRun(services, runId, { from: ['queued'], to: 'running', claimedBy: 'host:1:gone' });
    await services.db
      .updateTable('runs')
      .set({ heartbeatAt: '2020-01-01T00:00:00Z' })
      .where('id', '=', lost.runId)
      .execute();
    const stream = client.stream((api) => api.runs.onStatus, lost);
    await eventually(() => expect(stream.data).toMatchObject([{ status: 'running' }]));
    await sweepOnce({ ...services, syncSchedules: async () => {} }, { silentMs: 20_000 });
    await stream.ended;
    expect(stream.data.at(-1)).toMatchObject({ status: 'error', errorDetails: expect.stringContaining('host:1:gone') });
    expect(await client.api.runs.byId.query(lost)).toMatchObject({ errorCode: 'worker_lost' });
    expect((await client.api.runs.byId.query(healthy)).status).toBe('running');
  });
});

test('a Redis that comes back empty gets the runs that wait again, and how many may run at once', async () => {
  await using redis = await startRedis();
  await using app = await testApp({ redis: redis.env, runningCapacity: 3 });
  const { db, runQueue, logger } = app.services;
  const { id: testId } = await app.client.api.tests.create.mutate({ name: 'Lost', script: passing });
  const { runId } = await app.client.api.tests.run.mutate({ testId });
  await db.updateTable('runs').set({ queuedAt: '2020-01-01T00:00:00Z' }).where('id', '=', runId).execute();
  await redis.stop();
  await redis.start();
  await eventually(async () => expect(await runQueue.carries(runId)).toBe(false));
  await sweepOnce({ ...app.services, syncSchedules: async () => {} }, { silentMs: undefined });
  expect(await runQueue.carries(runId)).toBe(true);
  const { queue, close } = openQueue(queueBackend(app.serviceOptions), 'runs', logger);
  expect(await queue.getGlobalConcurrency()).toBe(3);
  await close();
});
