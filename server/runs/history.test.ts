import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunEventBody } from '#shared/events.ts';
import type { RunStatus, TestStatus } from '#shared/run-status.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';
import { commitRun } from './commit-run.ts';

let app: TestSystem;
beforeAll(async () => {
  app = await testApp();
});
afterAll(() => app[Symbol.asyncDispose]());

const unknownId = '018f0000-0000-7000-8000-000000000000';

async function createTest(name: string): Promise<string> {
  return (await app.client.api.tests.create.mutate({ name, script: passing })).id;
}

/** Runs as a worker would, with these results of its tests. */
async function execute(runId: string, to: RunStatus, results: (readonly [TestStatus, number, string?])[] = []) {
  const events = results.map(([status, duration, message], position): RunEventBody => ({
    type: 'test',
    position,
    name: 'x',
    status,
    flaky: false,
    duration,
    error: message === undefined ? null : { message },
  }));
  await commitRun(app.services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
  await commitRun(app.services, runId, { from: ['running'], to, events });
}

async function runTest(testId: string, to: RunStatus, ...result: readonly [TestStatus, number, string?] | []) {
  const { runId } = await app.client.api.tests.run.mutate({ testId });
  await execute(runId, to, result.length === 0 ? [] : [result]);
  return runId;
}

test('the history of a test has its last runs, their pass rate and the last failure', async () => {
  const { tests } = app.client.api;
  const testId = await createTest('Flaky at times');
  expect(await tests.history.query({ testId })).toEqual({
    verdicts: [],
    passRate: null,
    medianDuration: null,
    lastFailure: null,
  });

  const passed = await runTest(testId, 'passed', 'passed', 300);
  const failed = await runTest(testId, 'failed', 'failed', 700, 'expected 2\nreceived 3');
  const cancelled = await runTest(testId, 'cancelled');
  const again = await runTest(testId, 'passed', 'passed', 500);
  const { runId: queued } = await tests.run.mutate({ testId });

  const history = await tests.history.query({ testId });
  expect(history.verdicts.map(({ runId, status, duration }) => [runId, status, duration])).toEqual([
    [queued, 'queued', null],
    [again, 'passed', 500],
    [cancelled, 'cancelled', expect.any(Number)],
    [failed, 'failed', 700],
    [passed, 'passed', 300],
  ]);
  // Neither what was cancelled nor what is not over counts.
  expect(history.passRate).toBeCloseTo(2 / 3);
  expect(history.medianDuration).toBe(500);
  expect(history.lastFailure).toMatchObject({ runId: failed, status: 'failed', error: 'expected 2' });
  const newest = await tests.history.query({ testId, limit: 2 });
  expect(newest.verdicts.map(({ runId }) => runId)).toEqual([queued, again]);
  expect(newest).toMatchObject({ passRate: 1, lastFailure: null });
});

test('a test in a job has its own verdicts, and the job has those of whole runs', async () => {
  const { tests, jobs } = app.client.api;
  const [good, bad, last] = [await createTest('Good'), await createTest('Bad'), await createTest('Last')];
  const { id: jobId } = await jobs.create.mutate({ name: 'Nightly', testIds: [good, bad, last] });
  const { runId } = await jobs.run.mutate({ jobId });
  expect((await tests.history.query({ testId: good })).verdicts).toMatchObject([{ runId, status: 'queued' }]);
  await execute(runId, 'failed', [
    ['passed', 100],
    ['failed', 200, 'no'],
  ]);

  expect((await tests.history.query({ testId: good })).verdicts).toMatchObject([
    { runId, status: 'passed', duration: 100 },
  ]);
  expect(await tests.history.query({ testId: bad })).toMatchObject({
    passRate: 0,
    lastFailure: { runId, error: 'no' },
  });
  // It was never begun, so that run says nothing about it.
  expect((await tests.history.query({ testId: last })).verdicts).toEqual([]);
  expect(await jobs.history.query({ jobId })).toMatchObject({
    verdicts: [{ runId, status: 'failed', startedAt: expect.any(String) }],
    passRate: 0,
    lastFailure: { runId },
  });
});

test('lists have the last verdicts and the last failure of each item', async () => {
  const { tests, jobs } = app.client.api;
  const [often, never] = [await createTest('Listed often'), await createTest('Listed never')];
  const failed = await runTest(often, 'error', 'failed', 10, 'it broke');
  const runIds = [failed];
  for (let n = 0; n < 11; n += 1) runIds.unshift(await runTest(often, 'passed', 'passed', n));
  const { items } = await tests.list.query({ search: 'listed' });
  expect(items.map(({ id }) => id)).toEqual([never, often]);
  expect(items[0]).toMatchObject({ recentVerdicts: [], lastFailure: null, lastRun: null });
  expect(items[1]?.recentVerdicts.map(({ runId }) => runId)).toEqual(runIds);
  expect(items[1]?.lastFailure).toMatchObject({ runId: failed, status: 'error', error: 'it broke' });
  await runTest(often, 'passed', 'passed', 12);
  expect((await tests.list.query({ search: 'listed often' })).items[0]?.lastFailure).toBeNull();

  const { id: jobId } = await jobs.create.mutate({ name: 'Listed job', testIds: [often] });
  const { runId } = await jobs.run.mutate({ jobId });
  await execute(runId, 'timed_out');
  expect((await jobs.list.query({ search: 'listed job' })).items).toMatchObject([
    { id: jobId, recentVerdicts: [{ runId, status: 'timed_out' }], lastFailure: { runId } },
  ]);
});

test('the history of an unknown test or job is NOT_FOUND', async () => {
  const { tests, jobs } = app.client.api;
  const notFound = { data: { code: 'NOT_FOUND' } };
  await expect(tests.history.query({ testId: unknownId })).rejects.toMatchObject(notFound);
  await expect(jobs.history.query({ jobId: unknownId })).rejects.toMatchObject(notFound);
});
