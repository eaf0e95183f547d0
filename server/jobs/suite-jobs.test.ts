import { expect, test } from 'vitest';
import { removeOldBundles } from '#server/suites/remove-bundles.ts';
import { createLocalArtifactStore } from '#server/artifacts/local-store.ts';
import { playPush } from '#server/testing/played-bundle.ts';
import { caseEntry, casesEntry } from '#server/testing/played-reporter.ts';
import { playSuiteWorker } from '#server/testing/played-suite-worker.ts';
import { testApp, useTestApp } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';
import { whileWaiting } from '#server/testing/while-waiting.ts';
import { makeUpStarts, startDueJob } from './start-due-jobs.ts';

const app = useTestApp({});
const api = () => app().client.api;

/** Handles the newest start of a job that is due every day at `hour`, as after a night. */
async function beDue(jobId: string, hour: number, of = app()) {
  await of.client.api.jobs.update.mutate({ jobId, schedule: `0 ${hour} * * *`, catchUp: 'last' });
  const { db } = of.services;
  const yesterday = new Date(Date.now() - 24 * 3_600_000);
  await db.updateTable('jobs').set({ handledUntil: yesterday }).where('id', '=', jobId).execute();
  await startDueJob(of.services, { jobId, dueAt: Date.now() });
}

const runsOf = async (jobId: string) => (await api().runs.list.query({ jobId })).items;

async function passes(runId: string, status: 'passed' | 'failed' = 'passed') {
  const worker = await playSuiteWorker(app(), runId);
  await worker!.report(casesEntry('pays', 'ships'), caseEntry(0, status), caseEntry(1, 'passed'));
  await worker!.finish(status);
  return worker!.claimed;
}

test('a job of a suite starts runs of the suite, which are runs of the job, by hand and when it is due', async () => {
  const { jobs, runs, suites, cases } = api();
  const { suiteId, bundleId } = await playPush(app(), { suite: 'shop', text: 'shop' });
  const options = { projects: ['chromium'], args: ['--retries=2'] };
  const suite = { suiteId, branch: 'main', shards: 1, options };
  const created = await jobs.create.mutate({ name: 'Nightly shop', suite, timeoutMs: 60_000 });
  expect(created).toMatchObject({
    tests: [],
    testCount: 0,
    suite: { id: suiteId, name: 'shop', isPinned: false, branch: 'main', shards: 1, options, bundle: { id: bundleId } },
  });
  const jobId = created.id;
  const { items } = await jobs.list.query({ search: 'nightly shop' });
  expect(items).toMatchObject([{ id: jobId, suite: { name: 'shop' }, testCount: 0 }]);

  const again = { jobId, idempotencyKey: 'night-1' };
  const { runId } = await jobs.run.mutate(again);
  expect(await jobs.run.mutate(again)).toEqual({ runId });
  await expect(suites.run.mutate({ suiteId, idempotencyKey: 'night-1' })).rejects.toThrow('was used for a run of');
  const run = { kind: 'suite', jobId, suiteId, name: 'Nightly shop', branch: 'main' };
  expect(await runs.byId.query({ runId })).toMatchObject({
    ...run,
    suiteRun: { bundle: { id: bundleId }, options, shards: 1 },
  });
  expect(await passes(runId, 'failed')).toMatchObject({ options, timeoutMs: 60_000 });
  expect(await jobs.byId.query({ jobId })).toMatchObject({ lastRun: { id: runId, status: 'failed' } });
  for (const history of [await jobs.history.query({ jobId }), await suites.history.query({ suiteId })])
    expect(history.verdicts).toMatchObject([{ runId, status: 'failed' }]);
  // Cases are those of the suite, whatever started it.
  const { runId: byHand } = await suites.run.mutate({ suiteId });
  await passes(byHand);
  const [pays] = (await cases.grid.query({ jobId })).items;
  const { verdicts } = await cases.history.query({ caseId: pays!.caseId });
  expect(verdicts.map((verdict) => verdict.runId)).toEqual([byHand, runId]);

  const { runId: retried } = await runs.retry.mutate({ runId, failedOnly: true });
  expect(await runs.byId.query({ runId: retried })).toMatchObject({ jobId, suiteId, partial: true, retryOf: runId });
  await runs.cancel.mutate({ runId: retried });

  const newest = await playPush(app(), { suite: 'shop', text: 'shop, newer' });
  await beDue(jobId, 3);
  const [scheduled] = await runsOf(jobId);
  expect(scheduled).toMatchObject({ ...run, trigger: 'schedule', status: 'queued' });
  expect((await runs.byId.query({ runId: scheduled!.id })).suiteRun?.bundle?.id).toBe(newest.bundleId);
  // It is not over.
  await beDue(jobId, 4);
  expect((await jobs.byId.query({ jobId })).missedStarts).toMatchObject([{ reason: 'still_running', details: null }]);
});

test('a start without a bundle is refused by hand, and recorded as missed with the reason when it is due', async () => {
  const { jobs, suites } = api();
  const { suiteId, bundleId } = await playPush(app(), { suite: 'branches', text: 'branches' });
  const suite = { suiteId, branch: 'release' };
  const { id: jobId } = await jobs.create.mutate({ name: 'Release', suite });
  expect((await jobs.byId.query({ jobId })).suite?.bundle).toBeNull();
  const reason = 'The suite "branches" has no bundle of the branch release. Push it first: npx runlight push.';
  await expect(jobs.run.mutate({ jobId })).rejects.toThrow(reason);
  await beDue(jobId, 5);
  expect(await runsOf(jobId)).toEqual([]);
  const missed = { reason: 'no_bundle', details: reason, runId: null };
  expect((await jobs.byId.query({ jobId })).missedStarts).toMatchObject([missed]);
  expect((await jobs.list.query({ search: 'release' })).items).toMatchObject([
    { missedStart: { reason: 'no_bundle' } },
  ]);
  const { items } = await api().audit.list.query({ action: ['job.start_missed'] });
  expect(items[0]).toMatchObject({ targetId: jobId, details: { reason: 'no_bundle' } });

  // An archived job keeps no bundle.
  await jobs.update.mutate({ jobId, suite: { suiteId, bundleId } });
  await jobs.archive.mutate({ jobId });
  await suites.deleteBundle.mutate({ bundleId });
  expect((await jobs.restore.mutate({ jobId })).suite).toMatchObject({ isPinned: true, bundle: null });
  await expect(jobs.run.mutate({ jobId })).rejects.toThrow('has pinned was deleted. Choose another in its settings');
  await playPush(app(), { suite: 'branches', text: 'not the pinned one' });
  await beDue(jobId, 6);
  expect((await jobs.byId.query({ jobId })).missedStarts[0]).toMatchObject({
    details: expect.stringContaining('pinned'),
  });
  expect(await runsOf(jobId)).toEqual([]);
});

test('a start that found the queue full is made up for, or says by then that there is no bundle', async () => {
  await using small = await testApp({ queuedCapacity: 2 });
  const { jobs, suites, runs } = small.client.api;
  const { suiteId } = await playPush(small);
  const release = await playPush(small, { text: 'release', branch: 'release' });
  const { id: jobId } = await jobs.create.mutate({ name: 'Two parts', suite: { suiteId, branch: 'main', shards: 2 } });
  const ofBranch = await jobs.create.mutate({ name: 'Release', suite: { suiteId, branch: 'release', shards: 2 } });
  const missesOf = async (id: string) => (await jobs.byId.query({ jobId: id })).missedStarts;
  const { runId } = await suites.run.mutate({ suiteId, branch: 'main' });
  for (const id of [jobId, ofBranch.id]) {
    await beDue(id, 3, small);
    expect(await missesOf(id)).toMatchObject([{ reason: 'queue_full', runId: null }]);
  }
  await suites.deleteBundle.mutate({ bundleId: release.bundleId });
  await runs.cancel.mutate({ runId });
  await makeUpStarts(small.services);
  const [madeUp] = (await runs.list.query({ jobId })).items;
  expect(await missesOf(jobId)).toMatchObject([{ runId: madeUp!.id }]);
  expect(await missesOf(ofBranch.id)).toMatchObject([
    { reason: 'no_bundle', details: expect.stringContaining('no bundle of the branch release'), runId: null },
  ]);
});

test('what a job needs is not taken away without a word', async () => {
  const { jobs, suites, tests } = api();
  const { suiteId, bundleId } = await playPush(app(), { suite: 'pinned', text: 'pinned' });
  await playPush(app(), { suite: 'pinned', text: 'newer' });
  const { id: jobId } = await jobs.create.mutate({ name: 'Pins', suite: { suiteId, bundleId } });
  await expect(suites.deleteBundle.mutate({ bundleId })).rejects.toThrow('pinned by the job "Pins"; choose another');
  await expect(suites.archive.mutate({ suiteId })).rejects.toThrow('The suite is run by the job "Pins"');
  expect((await suites.byId.query({ suiteId })).jobs).toEqual([{ id: jobId, name: 'Pins', lastRun: null }]);
  const { db } = app().services;
  await db.updateTable('suiteBundles').set({ pushedAt: '2020-01-01T00:00:00Z' }).where('id', '=', bundleId).execute();
  const artifacts = createLocalArtifactStore({ dir: `${app().dataDir}/artifacts` });
  await removeOldBundles({ db, artifacts });
  expect((await jobs.byId.query({ jobId })).suite).toMatchObject({ isPinned: true, bundle: { id: bundleId } });

  // From a suite to tests, and back.
  const { id: testId } = await tests.create.mutate({ name: 'Part', script: passing });
  expect(await jobs.update.mutate({ jobId, testIds: [testId] })).toMatchObject({ suite: null, testCount: 1 });
  await removeOldBundles({ db, artifacts });
  await expect(jobs.update.mutate({ jobId, suite: { suiteId, bundleId } })).rejects.toMatchObject({
    data: { code: 'BAD_REQUEST', fieldErrors: { 'suite.bundleId': [expect.stringContaining('was deleted')] } },
  });
  const suite = { suiteId, shards: 'auto', wallTimeMs: 60_000, options: { grep: '@smoke' } } as const;
  expect(await jobs.update.mutate({ jobId, suite })).toMatchObject({ testCount: 0, suite: { shards: 'auto' } });
  const { items } = await api().audit.list.query({ action: ['job.updated'], target: jobId });
  expect(items[0]!.details.changes).toMatchObject({
    tests: { from: 'Part', to: '' },
    suite: { from: null, to: 'pinned (newest of all branches, parts: auto) --grep=@smoke' },
  });

  await jobs.archive.mutate({ jobId });
  await suites.archive.mutate({ suiteId });
  await expect(jobs.restore.mutate({ jobId })).rejects.toThrow('The suite "pinned" that the job runs is archived');
});

test('a job is not restored while its suite or a test of it is being archived', async () => {
  const { jobs, tests } = api();
  const { suiteId } = await playPush(app(), { suite: 'leaving', text: 'leaving' });
  const { id: testId } = await tests.create.mutate({ name: 'Leaving', script: passing });
  const cases: ['suites' | 'tests', string, { suite?: { suiteId: string }; testIds?: string[] }, string][] = [
    ['suites', suiteId, { suite: { suiteId } }, 'The suite "leaving" that the job runs is archived'],
    ['tests', testId, { testIds: [testId] }, 'These tests of the job are archived; restore them first: "Leaving"'],
  ];
  for (const [table, id, content, reason] of cases) {
    const { id: jobId } = await jobs.create.mutate({ name: `Runs ${table}`, ...content });
    await jobs.archive.mutate({ jobId });
    const restored = await whileWaiting(
      app(),
      (trx) => trx.updateTable(table).set({ archivedAt: new Date() }).where('id', '=', id).execute(),
      () => jobs.restore.mutate({ jobId }),
    );
    expect(restored).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining(reason) } });
    expect((await jobs.byId.query({ jobId })).archivedAt).not.toBeNull();
  }
});

test('what no job of a suite can be is refused with the field', async () => {
  const { jobs, tests } = api();
  const { suiteId } = await playPush(app(), { suite: 'refused', text: 'refused' });
  const { id: testId } = await tests.create.mutate({ name: 'Part', script: passing });
  const unknown = '018f0000-0000-7000-8000-000000000000';
  const refusals: [object, string, string][] = [
    [{}, 'testIds', 'at least one test, unless the job runs a suite'],
    [{ testIds: [testId], suite: { suiteId } }, 'suite', 'runs tests or a suite'],
    [{ suite: { suiteId: unknown } }, 'suite.suiteId', 'no such suite'],
    [{ suite: { suiteId, bundleId: unknown } }, 'suite.bundleId', 'no such bundle'],
    [{ suite: { suiteId, bundleId: unknown, branch: 'main' } }, 'suite.branch', 'together with bundleId'],
    [{ suite: { suiteId, shards: 65 } }, 'suite.shards', 'from 1 to 64'],
    [{ suite: { suiteId, options: { args: ['--ui'] } } }, 'suite.options.args', 'workers have no screen'],
  ];
  for (const [content, field, text] of refusals)
    await expect(jobs.create.mutate({ name: 'Refused', ...content })).rejects.toMatchObject({
      data: { code: 'BAD_REQUEST', fieldErrors: { [field]: [expect.stringContaining(text)] } },
    });
  expect((await jobs.list.query({ search: 'refused' })).items).toEqual([]);
});
