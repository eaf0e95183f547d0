import { expect, test } from 'vitest';
import { playCases, type PlayedCase } from '#server/testing/played-results.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';

const app = useTestApp({});

test('the overview of an empty project has nothing in it', async () => {
  const { days, ...rest } = await app().client.api.overview.get.query();
  expect(days).toHaveLength(14);
  expect(days.every(({ passed, failed }) => passed + failed === 0)).toBe(true);
  expect(rest).toEqual({
    failing: { total: 0, newTotal: 0, items: [] },
    flakiest: [],
    slowest: [],
    quarantined: { total: 0, items: [] },
    passRate: null,
    nextStarts: [],
    queue: { running: [], queued: [] },
    pausedRules: 0,
  });
});

test('the overview shows what fails, what is flaky or slow, the days, and what comes next', async () => {
  const { tests, jobs, runs, overview } = app().client.api;
  const { id: testId } = await tests.create.mutate({ name: 'Shop', script: passing });
  const play = async (...cases: PlayedCase[]) => {
    const { runId } = await tests.run.mutate({ testId });
    await playCases(app().services, runId, cases);
    return runId;
  };
  await play(
    { title: 'pays', status: 'passed', duration: 50 },
    { title: 'ships', status: 'passed', flaky: true, duration: 800 },
  );
  const failedRun = await play(
    { title: 'pays', status: 'failed', error: 'no money' },
    { title: 'ships', status: 'passed', duration: 900 },
  );
  const { id: jobId } = await jobs.create.mutate({ name: 'Nightly', testIds: [testId], schedule: '0 7 * * *' });
  await jobs.create.mutate({ name: 'Paused', testIds: [testId], schedule: '0 7 * * *', enabled: false });
  const { runId: waiting } = await tests.run.mutate({ testId });
  const { runId: cancelled } = await tests.run.mutate({ testId });
  await runs.cancel.mutate({ runId: cancelled });

  const shown = await overview.get.query();
  expect(shown).toMatchObject({
    failing: {
      total: 1,
      newTotal: 1,
      items: [{ title: 'pays', lastFailure: { runId: failedRun, error: 'no money' } }],
    },
    flakiest: [
      { flaky: 1, runs: 2 },
      { flaky: 1, runs: 2 },
    ],
    passRate: 0.5,
    nextStarts: [{ jobId, name: 'Nightly', scheduleText: expect.any(String) }],
    queue: { running: [], queued: [{ id: waiting }] },
  });
  expect(shown.slowest[0]).toMatchObject({ title: 'ships' });
  // The cancelled run says nothing.
  expect(shown.days.at(-1)).toMatchObject({ passed: 1, failed: 1, flaky: 1 });
});
