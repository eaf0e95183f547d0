import { expect, test } from 'vitest';
import { useTestApp } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';
import { commitRun } from './commit-run.ts';

const app = useTestApp({});

test('a run of some cases says so, and leaves the newest verdict of the job and its duration as they are', async () => {
  const { tests, jobs, runs, overview } = app().client.api;
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
  expect(await nameOf(two)).toBe('Nightly › 2 of 3 cases');
  await execute(two, 'Mail');
  const { runId: one } = await runs.retry.mutate({ runId: two, failedOnly: true });
  expect(await nameOf(one)).toBe('Nightly › 1 of 2 cases');
  await runs.cancel.mutate({ runId: one });
  expect(await jobs.byId.query({ jobId })).toMatchObject({ lastRun: { id: first, status: 'failed' } });
  expect((await jobs.list.query({})).items[0]?.recentVerdicts.map(({ runId }) => runId)).toEqual([first]);
  expect((await jobs.history.query({ jobId })).verdicts.map(({ runId }) => runId)).toEqual([first]);
  // The scripts in it ran whole.
  const { verdicts } = await tests.history.query({ testId: testIds[0]! });
  expect(verdicts.map(({ runId, status }) => [runId, status])).toEqual([
    [two, 'passed'],
    [first, 'failed'],
  ]);
  expect(await runs.byId.query({ runId: two })).toMatchObject({ partial: true, expectedDuration: null });
  expect(await runs.compare.query({ runId: one })).toMatchObject({ previous: { id: first }, counts: { removed: 0 } });
  expect((await overview.get.query()).days.at(-1)).toMatchObject({ passed: 0, failed: 1 });
  const { runId: again } = await runs.retry.mutate({ runId: two });
  expect(await runs.byId.query({ runId: again })).toMatchObject({ name: 'Nightly › 2 of 3 cases', partial: true });
  const { runId: all } = await runs.retry.mutate({ runId: first });
  expect(await runs.byId.query({ runId: all })).toMatchObject({ name: 'Nightly', partial: false });
});
