import { expect, test } from 'vitest';
import { casesEntry, caseEntry, playReporter } from '#server/testing/played-reporter.ts';
import { playPush } from '#server/testing/played-bundle.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { addWorker } from '#server/workers/queries.ts';
import { findPlan, keepPlan } from './suite-plan.ts';

const app = useTestApp({});

test('with "auto", a run has as many parts as it needs, and no more than workers are free', async () => {
  const { api } = app().client;
  const { db, publisher } = app().services;
  const { suiteId } = await playPush(app(), { suite: 'automatic' });
  const shardsOf = async (wallTimeMs: number) => {
    const { runId } = await api.suites.run.mutate({ suiteId, shards: 'auto', wallTimeMs });
    return (await api.runs.byId.query({ runId })).parts.length;
  };
  // Nothing is known of a suite that never ran.
  expect(await shardsOf(1_000)).toBe(1);
  for (const file of ['cart', 'till', 'search', 'account']) {
    const reporter = await playReporter(app().client, { suite: 'automatic' });
    const listed = casesEntry('one', 'two');
    await reporter.report(
      { ...listed, cases: listed.cases.map((it) => ({ ...it, file: `${file}.spec.ts` })) },
      caseEntry(0, 'passed', { duration: 30_000 }),
      caseEntry(1, 'passed', { duration: 30_000 }),
    );
    await reporter.finish();
  }
  await addWorker(
    { db, publisher },
    { id: 'w', host: 'h', pid: 1, version: '1', concurrency: 3, startedAt: new Date().toISOString() },
  );
  expect(await shardsOf(240_000)).toBe(1);
  expect(await shardsOf(120_000)).toBe(2);
  expect(await shardsOf(60_000)).toBe(3);
});

test('parts are about as long as each other by what cases took before, and all of them get one plan', async () => {
  const { api } = app().client;
  const titles = ['long', 'short 1', 'short 2', 'short 3'];
  for (const longMs of [9_000, 9_000, 1]) {
    const reporter = await playReporter(app().client, { suite: 'divided' });
    await reporter.report(
      casesEntry(...titles),
      ...titles.map((title, index) => caseEntry(index, 'passed', { duration: title === 'long' ? longMs : 3_000 })),
    );
    await reporter.finish();
  }
  const { suiteId } = await playPush(app(), { suite: 'divided' });
  const { runId } = await api.suites.run.mutate({ suiteId, shards: 2 });
  const { db } = app().services;
  expect(await findPlan(db, runId)).toBeUndefined();

  const caseOf = (title: string, more = {}) => ({
    project: 'chromium',
    file: 'shop/pay.spec.ts',
    titlePath: [title],
    group: title,
    isSetup: false,
    ...more,
  });
  const cases = [...titles.map((title) => caseOf(title)), caseOf('logs in', { project: 'setup', isSetup: true })];
  const [first, second] = await Promise.all([
    keepPlan(db, { runId, suiteId, parts: 2 }, cases),
    keepPlan(db, { runId, suiteId, parts: 2 }, cases.toReversed()),
  ]);
  expect(second).toEqual(first);
  expect(await findPlan(db, runId)).toEqual(first);
  const parts = first.map((part) => part.map(({ titlePath }) => titlePath[0]).sort()).sort();
  expect(parts).toEqual([['long'], ['short 1', 'short 2', 'short 3']]);
});
