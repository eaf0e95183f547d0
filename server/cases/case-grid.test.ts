import { expect, test } from 'vitest';
import { playCases } from '#server/testing/played-results.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';

const app = useTestApp({});

test('the grid of a job has its last runs and each case in them, those with failures first', async () => {
  const { tests, jobs, cases } = app().client.api;
  const { id: testId } = await tests.create.mutate({ name: 'Shop', script: passing });
  const { id: jobId } = await jobs.create.mutate({ name: 'Nightly', testIds: [testId] });
  expect(await cases.grid.query({ jobId })).toEqual({ runs: [], items: [], total: 0 });
  const play = async (pays: 'passed' | 'failed') => {
    const { runId } = await jobs.run.mutate({ jobId });
    await playCases(app().services, runId, [
      { title: 'ships', status: 'passed' },
      { title: 'pays', status: pays },
    ]);
    return runId;
  };
  const [first, second, third] = [await play('passed'), await play('failed'), await play('passed')];
  const grid = await cases.grid.query({ jobId });
  expect(grid.runs.map(({ runId, status }) => [runId, status])).toEqual([
    [third, 'passed'],
    [second, 'failed'],
    [first, 'passed'],
  ]);
  expect(grid.total).toBe(2);
  expect(grid.items.map(({ title, testName }) => `${testName} › ${title}`)).toEqual(['Shop › pays', 'Shop › ships']);
  expect(grid.items[0]?.results).toMatchObject([
    { runId: third, index: 1, status: 'passed' },
    { runId: second, status: 'failed', flaky: false, quarantined: false },
    { runId: first, status: 'passed' },
  ]);
  expect((await cases.grid.query({ jobId, limit: 1 })).items[1]?.results).toHaveLength(1);
});
