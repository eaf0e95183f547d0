import { expect, test } from 'vitest';
import { caseEntry, casesEntry, playReporter } from '#server/testing/played-reporter.ts';
import { playCases } from '#server/testing/played-results.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';

const app = useTestApp({ queuedCapacity: 500 });

/** The results that a case's statistics count. */
const counted = 50;
const titles = ['steady', 'rare', 'shaky', 'coin', 'slow', 'broken', 'skips', 'mended'];

/** Results that look random and are the same each time. */
function resultOf(title: string, run: number) {
  const luck = (Math.imul(run + 1, 2_654_435_761) ^ Math.imul(titles.indexOf(title) + 7, 40_503)) >>> 0;
  const fails = { rare: luck % 29 === 0, coin: luck % 2 === 0, broken: run >= 39, mended: run < 19 }[title] ?? false;
  const status = title === 'skips' && luck % 3 === 0 ? 'skipped' : fails ? 'failed' : 'passed';
  const flaky = status === 'passed' && title === 'shaky' && luck % 5 === 0;
  return { title, status, flaky, duration: (title === 'slow' ? 5_000 : 10) + (luck % 900) } as const;
}

test('lists of flaky, slow and failing cases say the same as what is stored of 60 runs, of which the last 50 count', async () => {
  const { tests, cases } = app().client.api;
  const { id: testId } = await tests.create.mutate({ name: 'Shop', script: passing });
  const runIds: string[] = [];
  for (let run = 0; run < counted + 10; run += 1) {
    // What changed with the script is no flake.
    if (run % 20 === 19) await tests.update.mutate({ testId, script: `// ${run}\n${passing}` });
    const { runId } = await tests.run.mutate({ testId });
    await playCases(
      app().services,
      runId,
      titles.map((title) => resultOf(title, run)),
    );
    runIds.push(runId);
  }
  const stored = await app()
    .services.db.selectFrom('runCases')
    .innerJoin('cases', 'cases.id', 'runCases.caseId')
    .innerJoin('runTests', (join) => join.onRef('runTests.runId', '=', 'runCases.runId'))
    .select([
      'cases.title',
      'runCases.status',
      'runCases.flaky',
      'runCases.durationMs',
      'runTests.scriptHash',
      'runCases.runId',
    ])
    .orderBy('runCases.runId')
    .execute();
  const expected = titles.map((title) => {
    const judged = stored
      .filter((row) => row.title === title)
      .slice(-counted)
      .filter(({ status }) => status !== 'skipped');
    const flaky = judged.filter((row, place) => {
      const before = judged.slice(0, place).findLast(({ scriptHash }) => scriptHash === row.scriptHash);
      return row.flaky || (before !== undefined && before.status !== row.status);
    });
    const durations = judged.map(({ durationMs }) => durationMs!).sort((a, b) => a - b);
    const lastPass = judged.findLastIndex(({ status }) => status === 'passed');
    return {
      title,
      runs: judged.length,
      flaky: flaky.length,
      passRate: judged.filter(({ status }) => status === 'passed').length / judged.length,
      medianDuration: durations[Math.floor(durations.length / 2)],
      failingSinceRunId: judged[lastPass + 1]?.runId ?? null,
    };
  });
  const list = async (sort: 'flaky' | 'slow' | 'failing') => (await cases.list.query({ testId, sort })).items;
  const order = (key: (of: (typeof expected)[number]) => number) => expected.toSorted((a, b) => key(b) - key(a));

  const rate = ({ flaky, runs }: { flaky: number; runs: number }) => flaky / runs;
  const flaky = await list('flaky');
  expect(flaky.map(rate)).toEqual(
    order(rate)
      .filter((it) => it.flaky > 0)
      .map(rate),
  );
  expect(flaky.map(({ title }) => title).toSorted()).toEqual(['coin', 'rare', 'shaky']);
  const slow = await list('slow');
  expect(slow).toMatchObject(order(({ medianDuration }) => medianDuration!));
  expect(await list('failing')).toMatchObject(expected.filter(({ failingSinceRunId }) => failingSinceRunId !== null));
  for (const item of [...flaky, ...slow])
    expect(item).toMatchObject(expected.find(({ title }) => title === item.title)!);
});

test('of a branch, lists and strips have the results of its runs alone', async () => {
  const { cases, runs } = app().client.api;
  const run = async (branch: string, pays: 'passed' | 'failed', ships: 'passed' | 'failed', isFlaky = false) => {
    const commit = { branch, sha: null, message: null, author: null, pullRequest: null };
    const reporter = await playReporter(app().client, { suite: 'Branches', commit });
    await reporter.report(casesEntry('pays', 'ships'), caseEntry(0, pays, { flaky: isFlaky }), caseEntry(1, ships));
    await reporter.finish(pays === 'failed' || ships === 'failed' ? 'failed' : 'passed');
    return reporter.runId;
  };
  const first = await run('main', 'passed', 'failed');
  const onFeature = await run('feature', 'failed', 'passed');
  await run('steady', 'passed', 'passed', true);
  const last = await run('main', 'passed', 'failed');
  const suiteId = (await runs.byId.query({ runId: last })).suiteId!;
  const list = async (sort: 'failing' | 'flaky' | 'slow' | 'new', branch?: string) =>
    (await cases.list.query({ suiteId, sort, branch })).items;

  expect(await list('failing', 'main')).toMatchObject([
    { title: 'ships', runs: 2, passRate: 0, failingSinceRunId: first, lastFailure: { runId: last } },
  ]);
  expect(await list('failing', 'feature')).toMatchObject([
    { title: 'pays', runs: 1, failingSinceRunId: onFeature, lastFailure: { runId: onFeature } },
  ]);
  expect(await list('failing', 'steady')).toEqual([]);
  expect(await list('flaky', 'steady')).toMatchObject([{ title: 'pays', runs: 1, flakeRate: 1 }]);
  expect(await list('flaky', 'main')).toEqual([]);
  expect(await list('slow', 'main')).toMatchObject([
    { title: 'ships', runs: 2 },
    { title: 'pays', runs: 2, newestRunId: last },
  ]);
  expect(await list('slow')).toMatchObject([{ runs: 4 }, { runs: 4 }]);
  expect(await list('new', 'no-such-branch')).toEqual([]);

  const caseIds = (await list('new')).map(({ id }) => id);
  const strips = await cases.strips.query({ caseIds, branch: 'feature' });
  expect(strips.items.map(({ verdicts }) => verdicts.map(({ runId }) => runId))).toEqual([[onFeature], [onFeature]]);
});
