import { expect, test } from 'vitest';
import { startDueJob } from '#server/jobs/start-due-jobs.ts';
import { sweepOnce } from '#server/maintenance/sweeper.ts';
import { playPush } from '#server/testing/played-bundle.ts';
import { caseEntry, casesEntry } from '#server/testing/played-reporter.ts';
import { insertSuite } from '#server/testing/played-suite.ts';
import { playSuiteWorker } from '#server/testing/played-suite-worker.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { storeFetched } from './fetched-bundle.ts';

const app = useTestApp({});
const api = () => app().client.api;
const source = { url: 'https://git.example.com/shop.git', branch: 'main', path: 'e2e', tokenVariable: null };

let suites = 0;
const newSuite = async () => {
  const name = `Suite ${++suites}`;
  return { name, suiteId: await insertSuite(app(), name) };
};

test('a suite keeps where it is in git, as it is written everywhere, until that is removed', async () => {
  const { suiteId } = await newSuite();
  expect(await api().suites.byId.query({ suiteId })).toMatchObject({ git: null });
  await api().variables.set.mutate({ name: 'GIT_TOKEN', value: 'sesame', isSecret: true });
  const git = {
    url: ' HTTPS://Git.Example.com:443/shop.git',
    branch: 'main ',
    path: './e2e/',
    tokenVariable: 'GIT_TOKEN',
  };
  await api().suites.setGit.mutate({ suiteId, git });
  const stored = { ...source, tokenVariable: 'GIT_TOKEN' };
  expect(await api().suites.byId.query({ suiteId })).toMatchObject({ git: stored });
  expect((await api().suites.list.query({})).items).toMatchObject([{ git: stored }]);
  await api().suites.setGit.mutate({ suiteId, git: null });
  expect(await api().suites.byId.query({ suiteId })).toMatchObject({ git: null });
});

test('a suite is added with where it is in git, once', async () => {
  const suite = { name: ' Only in git ', git: source };
  const { id: suiteId } = await api().suites.create.mutate(suite);
  expect(await api().suites.byId.query({ suiteId })).toMatchObject({
    name: 'Only in git',
    git: source,
    newestBundle: null,
  });
  const git = { ...source, url: 'https://git.example.com/other.git' };
  await expect(api().suites.create.mutate({ name: 'Only in git', git })).rejects.toThrow(
    'set the git source on its page',
  );
  expect(await api().suites.byId.query({ suiteId })).toMatchObject({ git: source });
  const unknown = { name: 'Not added', git: { ...source, tokenVariable: 'UNKNOWN' } };
  await expect(api().suites.create.mutate(unknown)).rejects.toThrow('does not exist: set it first');
  expect((await api().suites.list.query({ search: 'Not added' })).items).toEqual([]);
  const { runId } = await api().suites.run.mutate({ suiteId, fromGit: true });
  expect(await api().runs.byId.query({ runId })).toMatchObject({ suiteRun: { bundle: null, git: source } });
});

test.each([
  [{ url: 'shop.git' }, 'git.url', 'must be an address such as'],
  [{ url: 'http://git.example.com/shop.git' }, 'git.url', 'must begin with https://'],
  [{ url: 'ssh://git@git.example.com/shop.git' }, 'git.url', 'must begin with https://'],
  [{ url: 'https://ada:sesame@git.example.com/shop.git' }, 'git.url', 'name a secret variable'],
  [{ url: 'https://git.example.com/shop.git?x=1' }, 'git.url', 'without a query'],
  [{ branch: '--upload-pack=x' }, 'git.branch', 'must be the name of a branch'],
  [{ branch: 'release/*' }, 'git.branch', 'must be the name of a branch'],
  [{ path: '../other' }, 'git.path', 'must be a path inside'],
  [{ tokenVariable: 'UNKNOWN' }, 'git.tokenVariable', 'does not exist: set it first'],
  [{ tokenVariable: 'PLAIN' }, 'git.tokenVariable', 'is not secret'],
])('a source that cannot be is refused at its field: %j', async (change, field, message) => {
  const { suiteId } = await newSuite();
  await api().variables.set.mutate({ name: 'PLAIN', value: 'seen', isSecret: false });
  await expect(api().suites.setGit.mutate({ suiteId, git: { ...source, ...change } })).rejects.toMatchObject({
    message: expect.stringContaining(message),
    data: { code: 'BAD_REQUEST' },
  });
  const error = await api()
    .suites.setGit.mutate({ suiteId, git: { ...source, ...change } })
    .catch((it: unknown) => it);
  expect(JSON.stringify(error)).toContain(field);
});

test('a run waits with all parts but the first until its bundle is fetched, and is then a run of it', async () => {
  const { suiteId, name } = await newSuite();
  await expect(api().suites.run.mutate({ suiteId, fromGit: true })).rejects.toThrow('has no git source');
  await api().suites.setGit.mutate({ suiteId, git: source });
  await expect(api().suites.run.mutate({ suiteId, fromGit: true, branch: 'a..b' })).rejects.toThrow('name of a branch');
  const { runId } = await api().suites.run.mutate({ suiteId, fromGit: true, branch: 'release/2', shards: 2 });
  const git = { ...source, branch: 'release/2' };
  const queued = await api().runs.byId.query({ runId });
  expect(queued).toMatchObject({ branch: 'release/2', commitSha: null, suiteRun: { bundle: null, git } });

  const { runQueue, db } = app().services;
  const forget = async () => {
    await db.updateTable('runs').set({ queuedAt: '2020-01-01T00:00:00Z' }).where('id', '=', runId).execute();
    await sweepOnce({ ...app().services, syncSchedules: async () => {} }, { silentMs: undefined });
  };
  await forget();
  expect([await runQueue.carries(runId, 0), await runQueue.carries(runId, 1)]).toEqual([true, false]);
  expect(await playSuiteWorker(app(), runId, 1)).toBeUndefined();
  const first = (await playSuiteWorker(app(), runId, 0))!;
  expect(first.claimed).toMatchObject({ bundle: null, git });

  // As the worker stores it.
  const { hash, bundleId } = await playPush(app(), {
    suite: name,
    text: name,
    branch: 'release/2',
    commitSha: 'b'.repeat(40),
  });
  const bundle = { suite: name, hash, dir: '', config: 'playwright.config.ts', packageManager: 'npm' } as const;
  const commit = {
    branch: 'release/2',
    commitSha: 'b'.repeat(40),
    commitMessage: 'fix: cart',
    author: 'Ada',
    playwright: null,
  };
  await storeFetched(
    { ...app().services, artifacts: { receive: () => Promise.reject(new Error('known')), deleteFile: async () => {} } },
    { runId, part: 0, session: first.claimed.session, projectId: app().projectId, suiteId, git },
    {
      isKnown: false,
      bundle: { ...bundle, lockFile: 'package-lock.json', isDirty: false, ...commit },
      archive: '/dev/null',
    },
  );
  const { commitSha, commitMessage } = commit;
  expect(await api().runs.byId.query({ runId })).toMatchObject({
    commitSha,
    commitMessage,
    suiteRun: { bundle: { id: bundleId }, git },
  });
  expect((await api().suites.bundles.query({ suiteId })).items).toHaveLength(1);
  await forget();
  expect(await runQueue.carries(runId, 1)).toBe(true);
  const second = (await playSuiteWorker(app(), runId, 1))!;
  expect(second.claimed).toMatchObject({ bundle: { id: bundleId }, git: null });
  for (const [worker, title] of [
    [first, 'pays'],
    [second, 'ships'],
  ] as const) {
    await worker.report(casesEntry(title), caseEntry(0, 'passed'));
    await worker.finish();
  }
  expect(await api().runs.byId.query({ runId })).toMatchObject({ status: 'passed', passed: 2 });
  // A retry is of the same commit.
  const { runId: again } = await api().runs.retry.mutate({ runId });
  expect(await api().runs.byId.query({ runId: again })).toMatchObject({
    commitSha,
    suiteRun: { bundle: { id: bundleId } },
  });
});

test('a job runs its suite from git, and keeps the source from being removed', async () => {
  const { suiteId } = await newSuite();
  const suite = { suiteId, fromGit: true, shards: 1 };
  await expect(api().jobs.create.mutate({ name: 'Nightly', suite })).rejects.toThrow('has no git source');
  await api().suites.setGit.mutate({ suiteId, git: source });
  const { id: jobId, suite: saved } = await api().jobs.create.mutate({
    name: 'Nightly',
    suite: { ...suite, branch: 'next' },
  });
  expect(saved).toMatchObject({ fromGit: true, branch: 'next', bundle: null, git: source });
  const { runId } = await api().jobs.run.mutate({ jobId });
  expect(await api().runs.byId.query({ runId })).toMatchObject({
    jobId,
    branch: 'next',
    suiteRun: { git: { branch: 'next' } },
  });
  await expect(api().suites.setGit.mutate({ suiteId, git: null })).rejects.toThrow('run from git by the job "Nightly"');
  await expect(
    api().jobs.update.mutate({ jobId, suite: { ...suite, bundleId: '018f0000-0000-7000-8000-000000000000' } }),
  ).rejects.toThrow('together with bundleId');

  // The source is gone where a job was archived meanwhile: the start that is due says so.
  await api().jobs.archive.mutate({ jobId });
  await api().suites.setGit.mutate({ suiteId, git: null });
  await api().jobs.restore.mutate({ jobId });
  await api().runs.cancel.mutate({ runId });
  await api().jobs.update.mutate({ jobId, schedule: '0 3 * * *' });
  const { db } = app().services;
  await db
    .updateTable('jobs')
    .set({ handledUntil: new Date(Date.now() - 86_400_000) })
    .where('id', '=', jobId)
    .execute();
  await startDueJob(app().services, { jobId, dueAt: Date.now() });
  const { missedStarts } = await api().jobs.byId.query({ jobId });
  expect(missedStarts).toMatchObject([{ reason: 'no_bundle', details: expect.stringContaining('has no git source') }]);
});
