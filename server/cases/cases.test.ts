import { expect, test } from 'vitest';
import { playCases, type PlayedCase } from '#server/testing/played-results.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';

const app = useTestApp({ queuedCapacity: 500 });

async function createTest(name: string): Promise<string> {
  return (await app().client.api.tests.create.mutate({ name, script: `// ${name}\n${passing}` })).id;
}

/** Runs the test once with each of these results of its cases. Resolves to the runs, in this order. */
async function play(testId: string, ...runs: PlayedCase[][]): Promise<string[]> {
  const runIds: string[] = [];
  for (const cases of runs) {
    const { runId } = await app().client.api.tests.run.mutate({ testId });
    await playCases(app().services, runId, cases);
    runIds.push(runId);
  }
  return runIds;
}

async function caseIdOf(runId: string, index = 0): Promise<string> {
  const { caseId } = await app()
    .services.db.selectFrom('runCases')
    .select('caseId')
    .where('runId', '=', runId)
    .where('index', '=', index)
    .executeTakeFirstOrThrow();
  return caseId;
}

const passed = (title: string, more: Partial<PlayedCase> = {}): PlayedCase => ({ title, status: 'passed', ...more });
const failed = (title: string, error = 'expected 2'): PlayedCase => ({ title, status: 'failed', error });

test('the history of a case has its results, what they come to, its failures and its errors', async () => {
  const testId = await createTest('Cart');
  const title = 'cart › adds up';
  const runIds = await play(
    testId,
    [passed(title, { duration: 100 })],
    [failed(title, 'expected 2\nreceived 3')],
    [{ title, status: 'skipped' }],
    [passed(title, { flaky: true, duration: 400 })],
    [failed(title, 'expected 2\nreceived 4')],
  );
  const caseId = await caseIdOf(runIds[0]!);
  const history = await app().client.api.cases.history.query({ caseId });
  expect(history.case).toMatchObject({
    id: caseId,
    testId,
    testName: 'Cart',
    title,
    titlePath: ['cart', 'adds up'],
    quarantine: null,
  });
  expect(history.verdicts.map(({ runId, status, flaky, attempt }) => [runId, status, flaky, attempt])).toEqual([
    [runIds[4], 'failed', false, 0],
    [runIds[3], 'passed', true, 1],
    [runIds[2], 'skipped', false, 0],
    [runIds[1], 'failed', false, 0],
    [runIds[0], 'passed', false, 0],
  ]);
  // The same script passed the time before each failure; and there is the pass at the second attempt.
  expect(history).toMatchObject({
    judged: 4,
    passed: 2,
    passRate: 0.5,
    flaky: 3,
    flakeRate: 0.75,
    medianDuration: 100,
  });
  expect(history.firstFailure).toMatchObject({ runId: runIds[1], error: 'expected 2' });
  expect(history.lastFailure).toMatchObject({ runId: runIds[4], index: 0, error: 'expected 2' });
  expect(history.errors.reduce((sum, { count }) => sum + count, 0)).toBe(2);
  const newest = await app().client.api.cases.history.query({ caseId, limit: 1 });
  expect(newest.verdicts).toHaveLength(1);
  expect(newest).toMatchObject({ passRate: 0, flakeRate: 0, firstFailure: { runId: runIds[1] } });
});

test('a failure after a change of the script is no flake, and a lasting failure is none either', async () => {
  const { tests, cases } = app().client.api;
  const testId = await createTest('Changed');
  const [before] = await play(testId, [passed('one')], [passed('one')]);
  await tests.update.mutate({ testId, script: `// changed\n${passing}` });
  await play(testId, [failed('one')], [failed('one')]);
  expect(await cases.history.query({ caseId: await caseIdOf(before!) })).toMatchObject({ flaky: 0, passRate: 0.5 });
  expect((await cases.list.query({ testId, sort: 'flaky' })).items).toEqual([]);
});

test('cases are listed as flaky, slow, failing or new, page by page, with the numbers of their histories', async () => {
  const { cases } = app().client.api;
  const testId = await createTest('Shop');
  const all = ['steady', 'shaky', 'slow', 'broken', 'worse'];
  const runIds = await play(
    testId,
    [
      passed('steady'),
      passed('shaky', { flaky: true }),
      passed('slow', { duration: 9_000 }),
      failed('broken'),
      passed('worse'),
    ],
    [passed('steady'), failed('shaky'), passed('slow', { duration: 7_000 }), failed('broken'), passed('worse')],
    [
      passed('steady'),
      passed('shaky'),
      passed('slow', { duration: 8_000 }),
      failed('broken', 'no'),
      failed('worse', 'too bad'),
    ],
  );
  const titles = async (sort: 'flaky' | 'slow' | 'failing' | 'new', search?: string) =>
    (await cases.list.query({ testId, sort, search })).items.map(({ title }) => title);
  expect(await titles('flaky')).toEqual(['shaky', 'worse']);
  expect((await titles('slow'))[0]).toBe('slow');
  expect(await titles('failing')).toEqual(['worse', 'broken']);
  expect((await titles('new')).toSorted()).toEqual(all.toSorted());
  expect(await titles('slow', 'BRO')).toEqual(['broken']);
  expect(await titles('slow', 'shop')).toHaveLength(5);
  expect(await titles('slow', '%')).toEqual([]);

  const { items } = await cases.list.query({ testId, sort: 'failing' });
  expect(items).toMatchObject([
    {
      title: 'worse',
      runs: 3,
      failingSinceRunId: runIds[2],
      lastFailure: { runId: runIds[2], index: 4, error: 'too bad' },
    },
    { title: 'broken', passRate: 0, failingSinceRunId: runIds[0], newestRunId: runIds[2], newestStatus: 'failed' },
  ]);
  for (const sort of ['slow', 'new'] as const)
    for (const item of (await cases.list.query({ testId, sort })).items) {
      const { judged, passed, flaky, medianDuration } = await cases.history.query({ caseId: item.id });
      expect(item).toMatchObject({ runs: judged, passed, flaky, medianDuration });
    }

  for (const sort of ['slow', 'new'] as const) {
    const paged: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof cases.list.query>> = await cases.list.query({
        testId,
        sort,
        limit: 2,
        cursor,
      });
      paged.push(...page.items.map(({ title }) => title));
      cursor = page.nextCursor;
    } while (cursor);
    expect(paged).toEqual(await titles(sort));
  }
  await expect(cases.list.query({ testId, cursor: 'made up' })).rejects.toMatchObject({
    data: { code: 'BAD_REQUEST' },
  });
});

test('strips have the last ten results of each case', async () => {
  const { cases } = app().client.api;
  const runs = Array.from({ length: 12 }, (_, n) => [passed('a', { duration: n }), n % 2 ? passed('b') : failed('b')]);
  const runIds = await play(await createTest('Strips'), ...runs);
  const [a, b] = [await caseIdOf(runIds[0]!, 0), await caseIdOf(runIds[0]!, 1)];
  const { items } = await cases.strips.query({ caseIds: [a, b, '018f0000-0000-7000-8000-000000000000'] });
  const strips = new Map(items.map((item) => [item.caseId, item]));
  expect(strips.get(a)?.verdicts.map(({ runId }) => runId)).toEqual(runIds.toReversed().slice(0, 10));
  expect(strips.get(a)?.medianDuration).toBe(7);
  expect(
    strips
      .get(b)
      ?.verdicts.map(({ status }) => status)
      .join(),
  ).toBe('passed,failed,'.repeat(5).slice(0, -1));
  expect(items).toHaveLength(2);

  const ofRun = await cases.stripsOfRun.query({ runId: runIds[0]!, indexes: [1, 7] });
  expect(ofRun.items).toEqual([{ index: 1, ...strips.get(b) }]);
});
