import { afterAll, beforeAll, expect, test } from 'vitest';
import { changes } from '#shared/run-changes.ts';
import type { RunEventBody } from '#shared/events.ts';
import { caseEvent, listedCase } from '#server/testing/played-cases.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';
import { commitRun } from './commit-run.ts';

let app: TestSystem;
beforeAll(async () => {
  app = await testApp();
});
afterAll(() => app[Symbol.asyncDispose]());

type Verdict = 'passed' | 'failed';
/** How long each Playwright test took (ms), and that it failed when negative; by script. */
type Durations = Record<string, number>[];

async function createJob(names: string[]) {
  const { api } = app.client;
  const tests = await Promise.all(names.map((name) => api.tests.create.mutate({ name, script: passing })));
  const job = await api.jobs.create.mutate({ name: 'Compared', testIds: tests.map(({ id }) => id) });
  return { jobId: job.id, tests };
}

/** Ends a run as a worker would that found these results. */
async function endRun(runId: string, durations: Durations) {
  await commitRun(app.services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
  const statusOf = (ms: number): Verdict => (ms < 0 ? 'failed' : 'passed');
  const cases = durations.flatMap((ofScript, position) =>
    Object.keys(ofScript).map((title) => listedCase(title, { position })),
  );
  await commitRun(app.services, runId, { from: ['running'], listed: { part: 0, cases } });
  let index = 0;
  const events = durations.flatMap((cases, position): RunEventBody[] => [
    ...Object.values(cases).map((ms) => caseEvent(index++, statusOf(ms), { position, duration: Math.abs(ms) })),
    {
      type: 'test',
      position,
      name: `Script ${position}`,
      status: statusOf(Math.min(...Object.values(cases))),
      flaky: false,
      duration: Object.values(cases).reduce((sum, ms) => sum + Math.abs(ms), 0),
      error: null,
    },
  ]);
  const failed = durations.some((cases) => Object.values(cases).some((ms) => ms < 0));
  await commitRun(app.services, runId, { from: ['running'], events, to: failed ? 'failed' : 'passed' });
}

test('a run is compared with the previous run of its job that passed, failed or timed out', async () => {
  const { api } = app.client;
  const { jobId } = await createJob(['One', 'Two']);
  const start = async () => (await api.jobs.run.mutate({ jobId })).runId;

  const first = await start();
  await endRun(first, [
    { breaks: 10, recovers: -10, stays: 10, 'stays broken': -10 },
    { slows: 1_000, hurries: 3_000, goes: 5, wobbles: 400 },
  ]);
  const cancelled = await start();
  await api.runs.cancel.mutate({ runId: cancelled });
  const second = await start();
  await endRun(second, [
    { breaks: -10, recovers: 10, stays: 12, 'stays broken': -10 },
    { slows: 2_000, hurries: 1_000, comes: 5, wobbles: 800 },
  ]);

  const none = Object.fromEntries(changes.map((change) => [change, 0]));
  expect(await api.runs.compare.query({ runId: first })).toEqual({
    previous: null,
    baseBranch: null,
    items: [],
    counts: none,
    newlyFailed: 0,
    fixed: 0,
    unchanged: 0,
  });
  const { previous, items, ...rest } = await api.runs.compare.query({ runId: second });
  expect(previous?.id).toBe(first);
  expect(items.map(({ change, name, title }) => [change, name, title])).toEqual([
    ['newly_failed', 'One', 'breaks'],
    ['still_failing', 'One', 'stays broken'],
    ['fixed', 'One', 'recovers'],
    ['slower', 'Two', 'slows'],
    ['faster', 'Two', 'hurries'],
    ['new', 'Two', 'comes'],
    ['removed', 'Two', 'goes'],
  ]);
  expect(items[3]).toMatchObject({ position: 1, duration: 2_000, previousDuration: 1_000, status: 'passed' });
  expect(items.at(-1)).toMatchObject({ index: null, previousIndex: 6, status: null, previousDuration: 5 });
  const each = Object.fromEntries(items.map(({ change }) => [change, 1]));
  expect(rest).toEqual({
    baseBranch: null,
    counts: { ...none, ...each },
    newlyFailed: 1,
    fixed: 1,
    unchanged: 2,
  });
  await expect(api.runs.compare.query({ runId: jobId })).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } });
});

test('a retry of failures runs only failed tests, with their scripts at that time', async () => {
  const { api } = app.client;
  const { jobId, tests } = await createJob(['Good', 'Bad', 'Worse']);
  const { runId } = await api.jobs.run.mutate({ jobId });
  await expect(api.runs.retry.mutate({ runId, failedOnly: true })).rejects.toMatchObject({
    data: { code: 'CONFLICT' },
  });
  await endRun(runId, [{ it: 1 }, { it: -1 }, { it: -1 }]);
  await api.tests.update.mutate({ testId: tests[1]!.id, script: `${passing}\n// changed` });

  const retry = await api.runs.retry.mutate({ runId, failedOnly: true });
  const run = await api.runs.byId.query(retry);
  expect(run).toMatchObject({ trigger: 'retry', retryOf: runId, jobId, total: 2 });
  expect(run.tests.map(({ name, position }) => [position, name])).toEqual([
    [0, 'Bad'],
    [1, 'Worse'],
  ]);
  const frozen = await app.services.db
    .selectFrom('runTests')
    .select('script')
    .where('runId', '=', retry.runId)
    .execute();
  expect(frozen.map(({ script }) => script)).toEqual([passing, passing]);

  await endRun(retry.runId, [{ it: 1 }, { it: 1 }]);
  expect((await api.runs.compare.query(retry)).items.map(({ change }) => change)).toEqual(['fixed', 'fixed']);
  await expect(api.runs.retry.mutate({ runId: retry.runId, failedOnly: true })).rejects.toMatchObject({
    data: { code: 'CONFLICT', httpStatus: 409 },
    message: expect.stringContaining('No case of the run failed'),
  });
});
