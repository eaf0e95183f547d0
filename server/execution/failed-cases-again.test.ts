import { beforeAll, describe, expect, test } from 'vitest';
import type { TestSettings } from '#shared/test-settings.ts';
import { script } from '#server/testing/execute-scripts.ts';
import { verdictsOfLastFailed } from '#server/testing/playwright-verdicts.ts';
import { useTestApp } from '#server/testing/resources.ts';

const getApp = useTestApp({ worker: true });

interface Script {
  name: string;
  text: string;
  settings?: TestSettings;
}

/** Runs the scripts as one job, or the only one as a test, and then what failed of them. */
async function runAndRetry(scripts: readonly Script[]) {
  const { api } = getApp().client;
  const testIds: string[] = [];
  for (const { name, text, settings } of scripts)
    testIds.push((await api.tests.create.mutate({ name, script: text, ...(settings && { settings }) })).id);
  const { runId } =
    testIds.length === 1
      ? await api.tests.run.mutate({ testId: testIds[0]! })
      : await api.jobs.run.mutate({ jobId: (await api.jobs.create.mutate({ name: 'Shop', testIds })).id });
  const first = await toEnd(runId);
  const { runId: retryId } = await api.runs.retry.mutate({ runId, failedOnly: true });
  return { first, retry: await toEnd(retryId) };
}

async function toEnd(runId: string) {
  const { api, stream } = getApp().client;
  await stream((api) => api.runs.onStatus, { runId }).ended;
  const run = await api.runs.byId.query({ runId });
  const { items } = await api.runs.cases.query({ runId, limit: 200 });
  return { ...run, cases: items.map(({ script: name, title, status }) => `${name}: ${title} → ${status}`) };
}

const fails = '() => { expect(1).toBe(2); }';
const passes = '() => {}';

test('the cases that begin in one line of a script run alone, and a line without a case says so', async () => {
  const { api } = getApp().client;
  const text = script(`
    for (const amount of [1, 2]) test('pays ' + amount, ${passes});
    test('other', ${fails});`);
  const line = text.split('\n').findIndex((it) => it.includes('pays')) + 1;
  const { id: testId } = await api.tests.create.mutate({ name: 'Till', script: text });
  const run = await toEnd((await api.tests.run.mutate({ testId, line })).runId);
  expect(run).toMatchObject({ status: 'passed', name: `Till › line ${line}`, partial: true, total: 2 });
  expect(run.cases).toEqual(['Till: pays 1 → passed', 'Till: pays 2 → passed']);
  // No verdict of the test.
  expect((await api.tests.history.query({ testId, limit: 10 })).verdicts).toEqual([]);

  const missed = await toEnd((await api.tests.run.mutate({ testId, line: line + 7 })).runId);
  expect(missed).toMatchObject({
    status: 'error',
    errorDetails: expect.stringContaining(`No test begins in line ${line + 7} of the script`),
  });
});

/** Titles that a pattern would mix up. */
const alike = script(`
  test('pays', ${passes});
  test('pays by card', ${fails});
  test('pays by card (twice)', ${passes});
  test('adds 1.5 + 2 [€] $ ^ | \\\\ "quoted" › inner', ${fails});
  test.describe('cart', () => {
    test('pays by card', ${passes});
    test.describe('pays', () => { test('by card', ${fails}); });
  });
  for (const n of [1, 11, 111]) test('row ' + n, () => { expect(n).not.toBe(11); });
  test('times out', async () => { test.setTimeout(50); await new Promise(() => {}); });
  test('is skipped', () => { test.skip(); });
  test.fixme('is to be mended', ${passes});
  test('should fail, and does', () => { test.fail(); expect(1).toBe(2); });
  test('should fail, and does not', () => { test.fail(); });
`);

const titlesOf = (verdicts: Record<string, string>) => Object.keys(verdicts).map((name) => name.replace(/^.*?› /, ''));

describe('a retry of what failed', () => {
  test('runs the cases that Playwright runs with --last-failed, also of a single test', async () => {
    const { first, retry } = await runAndRetry([{ name: 'Alike', text: alike }]);
    const [all, again] = await verdictsOfLastFailed([{ text: alike, settings: {} }]);
    const titles = (cases: readonly string[]) => cases.map((it) => /^Alike: (.*) → /.exec(it)![1]!).toSorted();
    expect(titles(first.cases)).toEqual(titlesOf(all.cases).toSorted());
    expect(titles(retry.cases)).toEqual(titlesOf(again.cases).toSorted());
    expect(retry).toMatchObject({
      name: 'Alike › 6 of 14 cases',
      partial: true,
      status: 'failed',
      total: 6,
      failed: 6,
    });
    expect(retry.tests).toHaveLength(1);
  });

  describe('of a job', () => {
    let retry: Awaited<ReturnType<typeof toEnd>>;
    beforeAll(async () => {
      const setup = script(`
        test('signs in', async ({ request }) => { await request.storageState({ path: '.auth/user.json' }); });`);
      const shop = script(`test('buys', async ({ request }) => { await request.storageState(); expect(1).toBe(2); });
        test('looks', ${passes});`);
      const serial = script(`
        test.describe.serial('order', () => {
          test('is made', ${passes});
          test('is paid', ${fails});
          test('is sent', ${passes});
        });
        test.describe.serial('invoice', () => { test('is written', ${passes}); });
        test.describe('other', () => { test('passes', ${passes}); });`);
      ({ retry } = await runAndRetry([
        { name: 'Setup', text: setup },
        { name: 'Blog', text: script(`test('reads', ${passes});`) },
        { name: 'Store', text: shop, settings: { use: { storageState: '.auth/user.json' } } },
        { name: 'Serial', text: serial },
        { name: 'Broken', text: 'export const = 1;' },
        { name: 'Good', text: script(`test('passes', ${passes});`) },
        { name: 'Bad', text: script(`test('fails', ${fails}); test('passes', ${passes});`) },
      ]));
    });
    const casesOf = (name: string) => retry.cases.filter((it) => it.startsWith(`${name}: `));

    test('runs what failed, and says how much that is', () => {
      expect(retry).toMatchObject({ name: 'Shop › 5 of 13 cases', status: 'error', total: 7, passed: 2, failed: 4 });
      expect(retry.tests.map(({ name }) => name)).toEqual(['Setup', 'Store', 'Serial', 'Broken', 'Bad']);
    });

    test('runs the setup of the job before the cases that need it, and no other test', () => {
      expect(retry.cases.slice(0, 2)).toEqual(['Setup: signs in → passed', 'Store: buys → failed']);
    });

    test('runs a serial group whole, in which one case stands on the other', () => {
      expect(casesOf('Serial')).toEqual([
        'Serial: order › is made → passed',
        'Serial: order › is paid → failed',
        'Serial: order › is sent → skipped',
      ]);
    });

    test('runs a script whole that failed outside of its cases, and one that does not load', () => {
      expect(retry.tests.find(({ name }) => name === 'Broken')).toMatchObject({ status: 'failed' });
      expect(casesOf('Bad')).toEqual(['Bad: fails → failed']);
    });
  });

  test('has no verdict where cases are gone, since their titles change', async () => {
    const changing = script(`test('at ' + process.pid + '-' + Date.now(), ${fails}); test('stays', ${passes});`);
    const { retry } = await runAndRetry([{ name: 'Changing', text: changing }]);
    expect(retry).toMatchObject({ status: 'error', errorCode: 'no_tests' });
    expect(retry.errorDetails).toMatch(/^1 of 1 chosen cases are not in the script any more, such as "at \d+-\d+"/);
  });
});
