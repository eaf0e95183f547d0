import { expect, test } from 'vitest';
import { sweepOnce } from '#server/maintenance/sweeper.ts';
import { playPush } from '#server/testing/played-bundle.ts';
import { caseEntry, casesEntry } from '#server/testing/played-reporter.ts';
import { playSuiteWorker } from '#server/testing/played-suite-worker.ts';
import { testApp, useTestApp } from '#server/testing/resources.ts';

const app = useTestApp({});
const api = () => app().client.api;
const byId = (runId: string) => api().runs.byId.query({ runId });
const partsOf = async (runId: string) => (await byId(runId)).parts.map(({ status }) => status);

let suites = 0;
/** Pushes a new suite and starts a run of it. */
async function startRun(shards = 1, more: object = {}) {
  const pushed = await playPush(app(), { suite: `Suite ${++suites}`, text: `lock ${suites}` });
  const { runId } = await api().suites.run.mutate({ suiteId: pushed.suiteId, shards, ...more });
  return { ...pushed, runId };
}

async function claim(runId: string, part = 0, worker?: string) {
  const played = await playSuiteWorker(app(), runId, part, worker);
  if (!played) throw new Error(`part ${part} is not to be had`);
  return played;
}

/** Sweeps once after the worker of this part has been silent for too long. */
async function loseWorker(runId: string, part: number) {
  const { db } = app().services;
  await db
    .updateTable('runParts')
    .set({ heartbeatAt: '2020-01-01T00:00:00Z' })
    .where('runId', '=', runId)
    .where('part', '=', part)
    .execute();
  await sweepOnce({ ...app().services, syncSchedules: async () => {} }, { silentMs: 20_000 });
}

test('a run of a bundle has parts that workers take and report, each once, and is a run like any other', async () => {
  const options = { projects: ['chromium'], grep: '@smoke', args: ['--retries=2'] };
  const { suiteId, bundleId, hash, runId } = await startRun(2, { options, timeoutMs: 60_000 });
  const queued = await byId(runId);
  expect(queued).toMatchObject({
    kind: 'suite',
    origin: 'worker',
    suiteId,
    status: 'queued',
    branch: 'main',
    commitSha: 'a1b2c3d',
    author: 'Ada',
    suiteRun: { bundle: { id: bundleId, hash }, options, shards: 2, chosen: null },
  });
  expect(await api().queue.stats.query()).toMatchObject({ queued: 2, running: 0 });
  expect(await api().suites.byId.query({ suiteId })).toMatchObject({ isRunnable: true, lastRun: { id: runId } });
  const { runQueue } = app().services;
  expect([await runQueue.carries(runId, 0), await runQueue.carries(runId, 1), await runQueue.carries(runId)]).toEqual([
    true,
    true,
    false,
  ]);

  const claims = await Promise.all(['a', 'b', 'c'].map((worker) => playSuiteWorker(app(), runId, 0, worker)));
  const [first, ...others] = claims.filter((it) => it !== undefined);
  expect(others).toEqual([]);
  expect(first!.claimed).toMatchObject({
    suite: { id: suiteId },
    bundle: { id: bundleId, hash, dir: '', config: 'playwright.config.ts', packageManager: 'npm' },
    options,
    shard: { current: 1, total: 2 },
    attempt: 1,
    choice: null,
    timeoutMs: 60_000,
  });
  expect(await byId(runId)).toMatchObject({ status: 'running', parts: [{ status: 'running' }, { status: 'queued' }] });
  expect(await api().queue.stats.query()).toMatchObject({ queued: 1, running: 1 });
  const second = await claim(runId, 1);
  await first!.report(casesEntry('pays', 'ships'), caseEntry(0, 'running'), caseEntry(0, 'passed'));
  await second.report(casesEntry('mails'), caseEntry(0, 'running'), caseEntry(0, 'failed'));
  await first!.report(caseEntry(1, 'passed'));
  expect(await first!.finish()).toEqual({ status: 'running' });
  expect(await second.finish('failed')).toEqual({ status: 'failed' });
  expect(await byId(runId)).toMatchObject({
    status: 'failed',
    total: 3,
    passed: 2,
    failed: 1,
    errorDetails: expect.stringContaining('mails'),
  });
  const { items } = await api().runs.cases.query({ runId });
  const known = await api().cases.history.query({ caseId: items[0]!.caseId });
  expect(known.verdicts).toMatchObject([{ runId }]);
});

test('a run that waits is cancelled at once with all of its entries', async () => {
  const { runId } = await startRun(3);
  expect(await api().runs.cancel.mutate({ runId })).toEqual({ runId, status: 'cancelled' });
  expect(await partsOf(runId)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  for (const part of [0, 1, 2]) expect(await app().services.runQueue.carries(runId, part)).toBe(false);
  expect(await playSuiteWorker(app(), runId)).toBeUndefined();
});

test('a running run is cancelled by its workers; parts that wait do not begin, and without a running part it ends at once', async () => {
  const { runId } = await startRun(2);
  const worker = await claim(runId);
  await worker.report(casesEntry('long'), caseEntry(0, 'running'));
  expect(await api().runs.cancel.mutate({ runId })).toMatchObject({ status: 'running' });
  expect(await playSuiteWorker(app(), runId, 1)).toBeUndefined();
  expect(await worker.finish('interrupted')).toEqual({ status: 'cancelled' });
  expect(await partsOf(runId)).toEqual(['cancelled', 'cancelled']);

  const { runId: halfway } = await startRun(2);
  await (await claim(halfway)).finish('passed');
  expect(await api().runs.cancel.mutate({ runId: halfway })).toMatchObject({ status: 'cancelled' });
  expect(await partsOf(halfway)).toEqual(['passed', 'cancelled']);
});

test('another worker runs a part again, once, if the first one dies before a case began; the first worker is refused', async () => {
  const { runId } = await startRun();
  const lost = await claim(runId, 0, 'first');
  await lost.report(casesEntry('one', 'two'));
  await app().services.runQueue.remove(runId, 0);
  await loseWorker(runId, 0);
  expect(await byId(runId)).toMatchObject({ status: 'running', parts: [{ status: 'queued', executor: null }] });
  expect(await app().services.runQueue.carries(runId, 0)).toBe(true);
  await expect(lost.report(caseEntry(0, 'running'))).rejects.toMatchObject({ code: 'CONFLICT' });
  const next = await claim(runId, 0, 'second');
  expect(next.claimed.attempt).toBe(2);
  await next.report(casesEntry('one', 'two'), caseEntry(0, 'passed'), caseEntry(1, 'passed'));
  expect(await next.finish()).toEqual({ status: 'passed' });
  expect(await byId(runId)).toMatchObject({ total: 2, passed: 2, notRun: 0 });

  const { runId: twice } = await startRun();
  await claim(twice);
  await loseWorker(twice, 0);
  await claim(twice);
  await loseWorker(twice, 0);
  expect(await byId(twice)).toMatchObject({ status: 'error', errorCode: 'worker_lost' });
});

test('if its worker dies after a case began, a part ends as worker_lost, and the other parts go on', async () => {
  const { runId } = await startRun(2);
  const lost = await claim(runId, 0, 'first');
  const other = await claim(runId, 1, 'second');
  await lost.report(casesEntry('one', 'two', 'three'), caseEntry(0, 'passed'), caseEntry(1, 'running'));
  await other.report(casesEntry('four'), caseEntry(0, 'passed'));
  await loseWorker(runId, 0);
  expect(await byId(runId)).toMatchObject({
    status: 'running',
    parts: [
      { status: 'error', errorCode: 'worker_lost', errorDetails: expect.stringContaining('(first) is gone') },
      { status: 'running' },
    ],
  });
  expect(await other.finish()).toEqual({ status: 'error' });
  expect(await byId(runId)).toMatchObject({ errorCode: 'worker_lost', total: 4, passed: 2, failed: 0, notRun: 1 });
});

test('a retry runs the same bundle, or only the cases of all parts that did not pass', async () => {
  const { runId, bundleId } = await startRun(2, { options: { args: ['-j2'] } });
  for (const [part, failed] of [
    [0, 'pays'],
    [1, 'mails'],
  ] as const) {
    const worker = await claim(runId, part);
    await worker.report(casesEntry(failed, `fine ${part}`, `skipped ${part}`));
    await worker.report(caseEntry(0, 'failed'), caseEntry(1, 'passed'), caseEntry(2, 'skipped'));
    await worker.finish('failed');
  }
  const { runId: whole } = await api().runs.retry.mutate({ runId });
  expect(await byId(whole)).toMatchObject({
    retryOf: runId,
    partial: false,
    suiteRun: { bundle: { id: bundleId }, shards: 2 },
  });
  const retry = { runId, failedOnly: true, idempotencyKey: 'retry-17' };
  const { runId: some } = await api().runs.retry.mutate(retry);
  expect(await api().runs.retry.mutate(retry)).toEqual({ runId: some });
  expect(await byId(some)).toMatchObject({
    name: expect.stringMatching(/ › 2 of 6 cases$/),
    partial: true,
    trigger: 'retry',
    suiteRun: { options: { args: ['-j2'] }, shards: 2, chosen: 2 },
  });
  const { claimed, ...worker } = await claim(some);
  const place = { project: 'chromium', file: 'shop/pay.spec.ts' };
  expect(claimed.choice).toEqual([
    { ...place, titlePath: ['pays'] },
    { ...place, titlePath: ['mails'] },
  ]);
  await worker.report(casesEntry('pays'), caseEntry(0, 'passed'));
  await worker.finish();
  const last = await claim(some, 1);
  await last.report(casesEntry('mails'), caseEntry(0, 'passed'));
  await last.finish();
  await expect(api().runs.retry.mutate({ runId: some, failedOnly: true })).rejects.toThrow('No case of the run failed');
  await api().suites.deleteBundle.mutate({ bundleId });
  await expect(api().runs.retry.mutate({ runId })).rejects.toThrow('The bundle of the run was deleted');
});

test('deleting a bundle ends its waiting run with a clear reason', async () => {
  const { runId, bundleId } = await startRun(2);
  await api().suites.deleteBundle.mutate({ bundleId });
  expect(await playSuiteWorker(app(), runId, 0)).toBeUndefined();
  expect(await playSuiteWorker(app(), runId, 1)).toBeUndefined();
  expect(await byId(runId)).toMatchObject({
    status: 'error',
    errorCode: 'bundle_gone',
    errorDetails: expect.stringContaining('Push the suite again'),
    suiteRun: { bundle: null },
  });
});

test('impossible runs are refused, the same key is the same run, and parts count against the capacity', async () => {
  await using small = await testApp({ queuedCapacity: 3 });
  const { suites } = small.client.api;
  const main = await playPush(small, { text: 'main' });
  const branch = await playPush(small, { text: 'branch', branch: 'faster' });
  const { suiteId } = main;
  const again = { suiteId, shards: 2, idempotencyKey: 'build-17' };
  const [one, two] = await Promise.all([suites.run.mutate(again), suites.run.mutate(again)]);
  expect(two).toEqual(one);
  await expect(suites.run.mutate({ suiteId, shards: 2 })).rejects.toThrow(
    'Queue full: 2 of 3 runs are waiting and this one has 2 parts',
  );
  const bundleOf = async (input: object) => {
    const { runId } = await suites.run.mutate({ suiteId, ...input });
    const { suiteRun } = await small.client.api.runs.byId.query({ runId });
    await small.client.api.runs.cancel.mutate({ runId });
    return suiteRun?.bundle?.id;
  };
  expect(await bundleOf({})).toBe(branch.bundleId);
  expect(await bundleOf({ branch: 'main' })).toBe(main.bundleId);
  expect(await bundleOf({ bundleId: main.bundleId })).toBe(main.bundleId);
  const unknown = '018f0000-0000-7000-8000-000000000000';
  const refusals: [object, string][] = [
    [{ branch: 'none' }, 'has no bundle of the branch none'],
    [{ bundleId: unknown }, `has no bundle ${unknown}`],
    [{ bundleId: main.bundleId, branch: 'main' }, 'together with bundleId'],
    [{ options: { args: ['--ui'] } }, 'workers have no screen'],
    [{ options: { args: ['a.spec.ts'] } }, 'is no option'],
    [{ options: { files: ['--ui'] } }, 'not an option'],
    [{ shards: 65 }, 'from 1 to 64'],
    [{ suiteId: unknown }, 'no suite'],
  ];
  for (const [input, message] of refusals)
    await expect(suites.run.mutate({ suiteId, ...input })).rejects.toThrow(message);
  await suites.archive.mutate({ suiteId });
  await expect(suites.run.mutate({ suiteId })).rejects.toThrow('is archived');
});
