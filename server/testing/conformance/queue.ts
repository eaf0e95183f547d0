import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { commitRun } from '#server/runs/commit-run.ts';
import { queueBackend } from '#server/open-services.ts';
import { createRunConsumer } from '#server/queue/run-queue.ts';
import { eventually } from '#server/testing/eventually.ts';
import type { TestSystem, TestSystemOptions } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';
import { sweepOnce } from '#server/maintenance/sweeper.ts';

/** What a queue does, for a `describe` block of its own. `open` starts a Runlight that has it. */
export function queueTests(open: (options: TestSystemOptions) => Promise<TestSystem>): void {
  let app: TestSystem;
  beforeAll(async () => {
    app = await open({ fallbackIntervalMs: 100 });
  });
  afterEach(() => app.closeStreams());
  afterAll(() => app[Symbol.asyncDispose]());

  test('statistics are streamed when they change, and equal ones are not sent twice', async () => {
    const { tests, runs } = app.client.api;
    const { id: testId } = await tests.create.mutate({ name: 'Counted', script: passing });
    const stats = app.client.stream((api) => api.queue.onStats);
    await eventually(() => expect(stats.data.at(-1)?.queued).toBe(0));
    const { runId } = await tests.run.mutate({ testId });
    await eventually(() => expect(stats.data.at(-1)).toMatchObject({ queued: 1, oldestQueuedAt: expect.any(String) }));
    await commitRun(app.services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
    await eventually(() => expect(stats.data.at(-1)).toMatchObject({ queued: 0, running: 1, oldestQueuedAt: null }));
    await commitRun(app.services, runId, { from: ['running'], to: 'passed' });
    await eventually(() => expect(stats.data.at(-1)).toMatchObject({ queued: 0, running: 0 }));
    const texts = stats.data.map((it) => JSON.stringify(it));
    expect(texts.filter((text, index) => text === texts[index - 1])).toEqual([]);
    await expect(runs.cancel.mutate({ runId })).rejects.toMatchObject({ data: { code: 'CONFLICT' } });
  });

  test('a queued run that the queue has lost is added again', async () => {
    const { db, runQueue } = app.services;
    const { id: testId } = await app.client.api.tests.create.mutate({ name: 'Lost', script: passing });
    const { runId } = await app.client.api.tests.run.mutate({ testId });
    await runQueue.remove(runId);
    expect(await runQueue.carries(runId)).toBe(false);
    await db.updateTable('runs').set({ queuedAt: '2020-01-01T00:00:00Z' }).where('id', '=', runId).execute();
    const sweep = () => sweepOnce({ ...app.services, syncSchedules: async () => {} }, { silentMs: undefined });
    await sweep();
    expect(await runQueue.carries(runId)).toBe(true);
    await sweep();
    expect(await runQueue.carries(runId)).toBe(true);
    await app.client.api.runs.cancel.mutate({ runId });
  });

  test('an entry goes to one worker and is gone then, and a schedule stays until it is ended', async () => {
    const { runQueue, schedules, logger } = app.services;
    const runs: string[] = Array.from({ length: 10 }, () => randomUUID());
    const handed: string[] = [];
    const startWorker = () =>
      createRunConsumer({
        backend: queueBackend(app.serviceOptions),
        concurrency: 2,
        logger,
        async process(runId, part) {
          // Not an entry of an earlier test.
          if (runs.includes(runId)) handed.push(part === undefined ? runId : `${runId}.${part}`);
        },
      });
    await using _one = await startWorker();
    await using _other = await startWorker();
    await Promise.all(runs.map((runId) => runQueue.add(runId)));
    await runQueue.add(runs[0]!, 1);
    await eventually(() => expect(handed.toSorted()).toEqual([...runs, `${runs[0]}.1`].toSorted()));
    await eventually(async () => expect(await runQueue.carries(runs[0]!, 1)).toBe(false));

    const schedule = { schedule: '0 7 * * 1', timezone: 'UTC' };
    await schedules.set('a job', schedule);
    expect(await schedules.list()).toEqual([{ jobId: 'a job', ...schedule }]);
    await schedules.set('a job', null);
    expect(await schedules.list()).toEqual([]);
  });
}
