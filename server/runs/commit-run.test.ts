import { expect, test } from 'vitest';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';
import { commitRun } from './commit-run.ts';

async function queueRun({ client }: TestSystem) {
  const { id: testId } = await client.api.tests.create.mutate({ name: 'Contested', script: passing });
  return client.api.tests.run.mutate({ testId });
}

test('of many concurrent attempts to end a run one wins, and nothing changes the run afterwards', async () => {
  await using app = await testApp();
  const { runId } = await queueRun(app);
  await commitRun(app.services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
  const ends = ['passed', 'failed', 'error', 'cancelled', 'timed_out'] as const;
  const attempts = await Promise.all(
    ends.flatMap((to) => [1, 2].map(() => commitRun(app.services, runId, { from: ['running'], to }))),
  );
  const [won, ...others] = attempts.filter((attempt) => attempt !== undefined);
  expect(others).toEqual([]);
  expect(won).toMatchObject({ version: 3 });
  expect(
    await commitRun(app.services, runId, {
      from: ['running'],
      events: [{ type: 'log', stream: 'stdout', text: 'late' }],
    }),
  ).toBeUndefined();
  const events = app.client.stream((api) => api.runs.onEvents, { runId });
  await events.ended;
  expect(events.data.map((event) => event.seq)).toEqual([1, 2, 3, 4]);
  expect((await app.client.api.runs.byId.query({ runId })).status).toBe(won?.status);
});

test('a worker that is no longer the owner is refused', async () => {
  await using app = await testApp();
  const { runId } = await queueRun(app);
  const claims = await Promise.all(
    ['one', 'two', 'three'].map((claimedBy) =>
      commitRun(app.services, runId, { from: ['queued'], to: 'running', claimedBy }),
    ),
  );
  expect(claims.filter(Boolean)).toHaveLength(1);
  const owner = ['one', 'two', 'three'][claims.findIndex(Boolean)]!;
  expect(await commitRun(app.services, runId, { from: ['running'], workerId: 'four', to: 'passed' })).toBeUndefined();
  expect(await commitRun(app.services, runId, { from: ['running'], workerId: owner, to: 'passed' })).toBeDefined();
});

test('lists count tests that never started apart from skipped tests', async () => {
  await using app = await testApp();
  const { api } = app.client;
  const create = async (name: string) => (await api.tests.create.mutate({ name, script: passing })).id;
  const testIds = [await create('Skipped'), await create('Left'), await create('Left as well')];
  const { id: jobId } = await api.jobs.create.mutate({ name: 'Cut short', testIds });
  const { runId } = await api.jobs.run.mutate({ jobId });
  await commitRun(app.services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
  await commitRun(app.services, runId, {
    from: ['running'],
    events: [{ type: 'test', position: 0, name: 'Skipped', status: 'skipped', flaky: false, duration: 1, error: null }],
  });
  const counts = async () => (await api.runs.list.query({ jobId })).items[0];
  expect(await counts()).toMatchObject({ total: 3, skipped: 1, notRun: 0 });
  await commitRun(app.services, runId, { from: ['running'], to: 'cancelled' });
  expect(await counts()).toMatchObject({ total: 3, skipped: 3, notRun: 2 });
});

test('sequence numbers of a log have no gaps with many writers, and text that Postgres refuses is cleaned', async () => {
  await using app = await testApp();
  const { runId } = await queueRun(app);
  await commitRun(app.services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
  await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      commitRun(app.services, runId, {
        from: ['running'],
        events: [
          { type: 'log', stream: 'stdout', text: `${n}\0\ud800 \u{1f600}\n` },
          { type: 'log', stream: 'stderr', text: 'b' },
        ],
      }),
    ),
  );
  await commitRun(app.services, runId, {
    from: ['running'],
    to: 'failed',
    errorDetails: `no\0 ${'x'.repeat(100_000)}`,
  });
  const events = app.client.stream((api) => api.runs.onEvents, { runId });
  const status = app.client.stream((api) => api.runs.onStatus, { runId });
  await Promise.all([events.ended, status.ended]);
  expect(events.data.map((event) => event.seq)).toEqual(Array.from({ length: 44 }, (_, n) => n + 1));
  expect(events.data.find((event) => event.type === 'log')).toMatchObject({
    text: expect.stringMatching(/^\d+\ufffd\ufffd \u{1f600}\n$/u),
  });
  expect(status.data.at(-1)?.errorDetails).toMatch(/^no\ufffd x+… \([\d]+ more characters\)$/);
});
