import { expect, test } from 'vitest';
import { withRepetition } from '#shared/repetitions.ts';
import { playPush } from '#server/testing/played-bundle.ts';
import { caseEntry, casesEntry, playReporter } from '#server/testing/played-reporter.ts';
import { playSuiteWorker } from '#server/testing/played-suite-worker.ts';
import { useTestApp } from '#server/testing/resources.ts';

const app = useTestApp({});
const api = () => app().client.api;
const byId = (runId: string) => api().runs.byId.query({ runId });
const answerOf = async (caseId: string) => (await api().cases.repetitions.query({ caseId })).newest;

/** What the reporter lists with `--repeat-each`, in Playwright's order. */
function repeatedEntry(times: number, ...titles: string[]) {
  const { type, cases } = casesEntry(...titles);
  const repeats = Array.from({ length: times }, (_, repeat) => repeat);
  return {
    type,
    cases: repeats.flatMap((repeat) =>
      cases.map((it) => ({ ...it, repeat, titlePath: withRepetition(it.titlePath, repeat) })),
    ),
  };
}

test('a case of a suite is repeated on a worker, is answered while that goes on, and its history knows nothing of it', async () => {
  const { suiteId, bundleId } = await playPush(app(), { suite: 'shop' });
  const { runId: first } = await api().suites.run.mutate({ suiteId });
  const before = (await playSuiteWorker(app(), first))!;
  await before.report(casesEntry('cart › pays', 'cart › opens'), caseEntry(0, 'passed'), caseEntry(1, 'passed'));
  await before.finish();
  const { caseId } = (await api().runs.cases.query({ runId: first })).items[0]!;
  expect(await api().cases.repetitions.query({ caseId })).toEqual({ newest: null, command: null });
  // The run's bundle, and not the newest one.
  await playPush(app(), { suite: 'shop', text: 'newer' });
  const input = { caseId, times: 3, runId: first, idempotencyKey: 'repeat-1' };
  const { runId } = await api().cases.repeat.mutate(input);
  expect(await api().cases.repeat.mutate(input)).toEqual({ runId });
  expect(await byId(runId)).toMatchObject({
    name: 'shop › pays 3 times',
    partial: true,
    repeatedCaseId: caseId,
    repeats: 3,
    suiteRun: {
      bundle: { id: bundleId },
      options: { args: ['--repeat-each=3', '--retries=0', '--max-failures=0'] },
      chosen: 3,
    },
  });
  expect(await answerOf(caseId)).toMatchObject({ runId, status: 'queued', times: 3, passed: 0, failed: 0 });

  const worker = (await playSuiteWorker(app(), runId))!;
  expect(worker.claimed.choice?.map(({ titlePath }) => titlePath)).toEqual([
    ['cart', 'pays'],
    ['cart', 'pays (repeat 2)'],
    ['cart', 'pays (repeat 3)'],
  ]);
  // A serial group comes along.
  await worker.report(repeatedEntry(3, 'cart › opens', 'cart › pays'));
  await worker.report(caseEntry(0, 'passed'), caseEntry(1, 'passed'), caseEntry(2, 'passed'), caseEntry(3, 'failed'));
  expect(await answerOf(caseId)).toMatchObject({ status: 'running', passed: 1, failed: 1 });
  await worker.report(caseEntry(4, 'failed'), caseEntry(5, 'skipped', { duration: null }));
  await worker.finish('failed');
  expect(await answerOf(caseId)).toEqual({
    runId,
    status: 'failed',
    errorCode: null,
    times: 3,
    passed: 1,
    failed: 1,
    skipped: 0,
    queuedAt: expect.any(String),
    branch: 'main',
    commitSha: 'a1b2c3d',
  });
  const { items } = await api().runs.cases.query({ runId });
  expect(items.map(({ caseId: id, repeat, title }) => [id === caseId, repeat, title])).toEqual([
    [false, 0, 'cart › opens'],
    [true, 0, 'cart › pays'],
    [false, 1, 'cart › opens (repeat 2)'],
    [true, 1, 'cart › pays (repeat 2)'],
    [false, 2, 'cart › opens (repeat 3)'],
    [true, 2, 'cart › pays (repeat 3)'],
  ]);
  expect((await api().runs.manifest.query({ runId, part: 0 })).cases[3]?.[3]).toEqual(['cart', 'pays (repeat 2)']);

  const history = await api().cases.history.query({ caseId });
  expect(history.verdicts.map((verdict) => verdict.runId)).toEqual([first]);
  expect(history).toMatchObject({ passRate: 1, flaky: 0, firstFailure: null, lastFailure: null, errors: [] });
  expect((await api().cases.strips.query({ caseIds: [caseId] })).items[0]?.verdicts).toHaveLength(1);
  for (const sort of ['flaky', 'failing'] as const)
    expect((await api().cases.list.query({ suiteId, sort })).items).toEqual([]);
  const all = (await api().cases.list.query({ suiteId, sort: 'slow' })).items;
  expect(all.map(({ title, runs }) => [title, runs]).toSorted()).toEqual([
    ['cart › opens', 1],
    ['cart › pays', 1],
  ]);
  expect((await api().cases.grid.query({ suiteId })).runs.map((run) => run.runId)).toEqual([first]);
  expect((await api().suites.list.query({})).items[0]).toMatchObject({ passRate: 1, flaky: 0, lastRun: { id: first } });

  // The repetitions are one thing: no retry runs some of them.
  const { runId: again } = await api().runs.retry.mutate({ runId, failedOnly: true });
  expect(await byId(again)).toMatchObject({ repeats: 3, suiteRun: { bundle: { id: bundleId }, chosen: 3 } });
  expect(await answerOf(caseId)).toMatchObject({ runId: again, status: 'queued' });
  await expect(api().cases.repeat.mutate({ caseId, times: 51 })).rejects.toThrow('at most 50');
});

test('a case that was only reported comes with the command that repeats it, until its suite has a bundle', async () => {
  const reporter = await playReporter(app().client, { suite: 'reported' });
  await reporter.report(casesEntry('pays'), caseEntry(0, 'passed'));
  const { caseId } = (await api().runs.cases.query({ runId: reporter.runId })).items[0]!;
  expect(await api().cases.repetitions.query({ caseId })).toEqual({
    newest: null,
    command: 'npx playwright test shop/pay.spec.ts:3 --project=chromium --repeat-each 10 --retries 0',
  });
  await expect(api().cases.repeat.mutate({ caseId })).rejects.toThrow('has no bundle. Push it first');
  const { bundleId } = await playPush(app(), { suite: 'reported' });
  const { runId } = await api().cases.repeat.mutate({ caseId, runId: reporter.runId });
  expect(await byId(runId)).toMatchObject({ repeats: 10, suiteRun: { bundle: { id: bundleId }, chosen: 10 } });

  const other = await playPush(app(), { suite: 'other', text: 'other' });
  const { runId: ofOther } = await api().suites.run.mutate({ suiteId: other.suiteId });
  await expect(api().cases.repeat.mutate({ caseId, runId: ofOther })).rejects.toThrow(
    `The run ${ofOther} does not have the case ${caseId}`,
  );
});
