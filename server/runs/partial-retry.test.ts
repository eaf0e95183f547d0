import { expect, test } from 'vitest';
import { useTestApp } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';
import { commitRun } from './commit-run.ts';

const app = useTestApp({});

test('a retry of a part of a job says which part, and a cancelled one leaves the newest verdict as it is', async () => {
  const { tests, jobs, runs } = app().client.api;
  const names = ['Cart', 'Mail', 'Search'];
  const testIds: string[] = [];
  for (const name of names) testIds.push((await tests.create.mutate({ name, script: passing })).id);
  const { id: jobId } = await jobs.create.mutate({ name: 'Nightly', testIds });
  const execute = async (runId: string, ...failed: string[]) => {
    const { tests: own } = await runs.byId.query({ runId });
    await commitRun(app().services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
    await commitRun(app().services, runId, {
      from: ['running'],
      to: failed.length > 0 ? 'failed' : 'passed',
      events: own.map(({ position, name }) => {
        const status = failed.includes(name) ? 'failed' : 'passed';
        return { type: 'test', position, name, status, flaky: false, duration: 5, error: null };
      }),
    });
    return runId;
  };
  const nameOf = async (runId: string) => (await runs.byId.query({ runId })).name;
  const first = await execute((await jobs.run.mutate({ jobId })).runId, 'Cart', 'Mail');
  const { runId: two } = await runs.retry.mutate({ runId: first, failedOnly: true });
  expect(await nameOf(two)).toBe('Nightly › 2 of 3 tests');
  await execute(two, 'Mail');
  const { runId: one } = await runs.retry.mutate({ runId: two, failedOnly: true });
  expect(await nameOf(one)).toBe('Nightly › Mail');
  await runs.cancel.mutate({ runId: one });
  expect(await jobs.byId.query({ jobId })).toMatchObject({ lastRun: { id: two, status: 'failed' } });
  expect((await jobs.list.query({})).items[0]?.recentVerdicts.map(({ runId }) => runId)).toEqual([two, first]);
  const { runId: all } = await runs.retry.mutate({ runId: first });
  expect(await nameOf(all)).toBe('Nightly');
});
