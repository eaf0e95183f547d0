import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { TestStatus } from '#shared/run-status.ts';
import { caseEntry, casesEntry, playReporter } from '#server/testing/played-reporter.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';

const app = useTestApp({});
const api = () => app().client.api;

type Result = TestStatus | 'flaky' | { slow: number };

/** Reports a run of a suite, case by case, that is over. */
async function play(suite: string, branch: string | null, results: Record<string, Result>) {
  const sha = randomUUID().replaceAll('-', '').slice(0, 40);
  const reporter = await playReporter(app().client, { suite, commit: { branch, sha } });
  const titles = Object.keys(results);
  await reporter.report(
    casesEntry(...titles),
    ...titles.map((title, index) => {
      const result = results[title]!;
      if (typeof result === 'object') return caseEntry(index, 'passed', { duration: result.slow });
      return result === 'flaky'
        ? caseEntry(index, 'passed', { flaky: true, attempt: 1 })
        : caseEntry(index, result, result === 'skipped' ? { duration: null } : {});
    }),
  );
  await reporter.finish(Object.values(results).includes('failed') ? 'failed' : 'passed');
  return { runId: reporter.runId, suiteId: (await api().runs.byId.query(reporter)).suiteId!, sha };
}

const changesOf = async (input: { runId: string; with?: string }) => {
  const { previous, items } = await api().runs.compare.query(input);
  return { with: previous?.id, ...Object.fromEntries(items.map(({ title, change }) => [title, change])) };
};

describe('comparison', () => {
  test('a run of another branch is compared with the newest finished run of the base branch', async () => {
    const suite = 'Compared with main';
    const old = await play(suite, 'main', { breaks: 'passed' });
    const main = await play(suite, 'main', {
      breaks: 'passed',
      broken: 'failed',
      mends: 'failed',
      wavers: 'passed',
      slows: { slow: 900 },
      grows: { slow: 100 },
      goes: 'passed',
      rests: 'passed',
    });
    const cut = await playReporter(app().client, { suite });
    await cut.finish('interrupted');
    const { runId } = await play(suite, 'feature', {
      comes: 'passed',
      breaks: 'failed',
      broken: 'failed',
      mends: 'passed',
      wavers: 'flaky',
      slows: { slow: 1_900 },
      // Twice as long, but less than a second.
      grows: { slow: 900 },
      rests: 'skipped',
    });
    expect(await changesOf({ runId })).toEqual({
      with: main.runId,
      breaks: 'newly_failed',
      broken: 'still_failing',
      mends: 'fixed',
      wavers: 'newly_flaky',
      slows: 'slower',
      comes: 'new',
      goes: 'removed',
    });
    expect(await changesOf({ runId, with: old.runId })).toMatchObject({ with: old.runId, breaks: 'newly_failed' });

    const other = await play('Another suite', 'main', { breaks: 'passed' });
    for (const wrong of [other.runId, runId, cut.runId, randomUUID()])
      await expect(api().runs.compare.query({ runId, with: wrong })).rejects.toMatchObject({
        data: { code: 'BAD_REQUEST', fieldErrors: { with: [expect.any(String)] } },
      });
  });

  test('the base branch is main, else master, else the one that is set', async () => {
    const suite = 'With a base branch';
    const base = async (runId: string) => (await api().runs.compare.query({ runId })).baseBranch;
    const { runId, suiteId } = await play(suite, 'feature', { pays: 'passed' });
    expect(await base(runId)).toBeNull();
    await play(suite, 'master', { pays: 'passed' });
    expect(await base(runId)).toBe('master');
    await play(suite, 'main', { pays: 'passed' });
    expect(await base(runId)).toBe('main');
    await api().suites.setBaseBranch.mutate({ suiteId, branch: 'develop' });
    expect(await api().suites.byId.query({ suiteId })).toMatchObject({ baseBranch: 'develop' });
    expect(await api().runs.compare.query({ runId })).toMatchObject({ baseBranch: 'develop', previous: null });
    await expect(api().suites.setBaseBranch.mutate({ suiteId, branch: 'a..b' })).rejects.toMatchObject({
      data: { code: 'BAD_REQUEST' },
    });
    await api().suites.setBaseBranch.mutate({ suiteId, branch: null });
    expect(await base(runId)).toBe('main');
  });
});

test('a failure is traced to the first run of the branch in which it did not pass again', async () => {
  const suite = 'Traced';
  const fails = { pays: 'failed', ships: 'failed', refunds: 'failed', logs: 'passed' } as const;
  await play(suite, 'feature', { ...fails, pays: 'passed' });
  const first = await play(suite, 'feature', { ...fails, ships: 'flaky' });
  await play(suite, 'main', { ...fails, pays: 'passed', ships: 'passed' });
  const second = await play(suite, 'feature', fails);
  const third = await play(suite, 'feature', fails);
  const indexes = [0, 1, 2, 3];
  const { branch, baseBranch, items } = await api().runs.firstFailures.query({ ...third, indexes });
  expect([branch, baseBranch]).toEqual(['feature', 'main']);
  expect(items).toMatchObject([
    {
      index: 0,
      first: { runId: first.runId, index: 0, commitSha: first.sha },
      runsAgo: 2,
      hasPassed: true,
      onBase: null,
    },
    { index: 1, first: { runId: second.runId }, runsAgo: 1, hasPassed: true, onBase: null },
    { index: 2, runsAgo: 3, hasPassed: false, mayBeOlder: false, onBase: { index: 2 } },
  ]);
  // As it was at that time, and of that branch alone.
  expect((await api().runs.firstFailures.query({ ...first, indexes })).items[0]).toMatchObject({
    first: { runId: first.runId },
    runsAgo: 0,
  });
  await expect(api().runs.firstFailures.query({ runId: randomUUID(), indexes })).rejects.toMatchObject({
    data: { code: 'NOT_FOUND' },
  });
});

test('runs say what they are run of, also a retry, and are found by branch and by the beginning of a commit', async () => {
  const commit = { branch: 'release/2', sha: 'c0ffee00d15ea5e', message: 'fix: pay', author: 'Ada', pullRequest: '#7' };
  const kept = {
    branch: 'release/2',
    commitSha: 'c0ffee00d15ea5e',
    commitMessage: 'fix: pay',
    author: 'Ada',
    pullRequest: '#7',
  };
  const { id: testId } = await api().tests.create.mutate({ name: 'Of a commit', script: passing });
  const { runId } = await api().tests.run.mutate({ testId, commit });
  expect(await api().runs.byId.query({ runId })).toMatchObject(kept);
  await api().runs.cancel.mutate({ runId });
  const retry = await api().runs.retry.mutate({ runId });
  expect(await api().runs.byId.query(retry)).toMatchObject(kept);
  const job = await api().jobs.create.mutate({ name: 'Of a commit', testIds: [testId] });
  const ofJob = await api().jobs.run.mutate({ jobId: job.id, commit: { branch: 'release/2' } });
  expect(await api().runs.byId.query(ofJob)).toMatchObject({ branch: 'release/2', commitSha: null });

  const idsOf = async (filter: { branch?: string; commit?: string }) =>
    (await api().runs.list.query(filter)).items.map(({ id }) => id);
  expect(await idsOf({ commit: 'C0FFEE' })).toEqual([retry.runId, runId]);
  expect(await idsOf({ branch: 'release/2' })).toEqual([ofJob.runId, retry.runId, runId]);
  expect(await idsOf({ commit: 'c0ffee01' })).toEqual([]);
  await expect(idsOf({ commit: 'c0%' })).rejects.toMatchObject({ data: { code: 'BAD_REQUEST' } });
});
