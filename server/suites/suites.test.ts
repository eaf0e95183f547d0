import { expect, test } from 'vitest';
import { insertSuite, insertSuiteRun } from '#server/testing/played-suite.ts';
import { useTestApp } from '#server/testing/resources.ts';

const app = useTestApp({});
const unknownId = '018f0000-0000-7000-8000-000000000000';

/** A suite with a failed run of `main`, then a passed one of a branch, then a passed one of `main`. */
async function createSuite(name: string) {
  const suiteId = await insertSuite(app(), name);
  const run = (status: 'passed' | 'failed', branch: string) => insertSuiteRun(app(), { suiteId, name, status, branch });
  return {
    suiteId,
    failed: await run('failed', 'main'),
    ofBranch: await run('passed', 'faster-carts'),
    newest: await run('passed', 'main'),
  };
}

test('suites are listed with their newest run, their last verdicts and their pass rate, the newest suite first', async () => {
  const { suites } = app().client.api;
  const older = await insertSuite(app(), 'Listed, not run yet');
  const { suiteId, newest, ofBranch, failed } = await createSuite('Listed');
  const page = await suites.list.query({ search: 'LISTED' });
  expect(page.items.map(({ id }) => id)).toEqual([suiteId, older]);
  expect(page.items[0]).toMatchObject({
    name: 'Listed',
    lastRun: { id: newest, kind: 'suite', suiteId, branch: 'main', origin: 'reporter' },
    recentVerdicts: [{ runId: newest }, { runId: ofBranch }, { runId: failed, status: 'failed' }],
    lastFailure: { runId: failed },
    passRate: 2 / 3,
    flaky: 0,
  });
  expect(page.items[1]).toMatchObject({ lastRun: null, recentVerdicts: [], passRate: null, flaky: 0 });
  const first = await suites.list.query({ search: 'listed', limit: 1 });
  expect((await suites.list.query({ search: 'listed', limit: 1, cursor: first.nextCursor })).items[0]?.id).toBe(older);
});

test('history and runs of a suite are those of all branches, or of one', async () => {
  const { suites, runs, cases } = app().client.api;
  const { suiteId, failed, ofBranch, newest } = await createSuite('With branches');
  const verdictsOf = async (branch?: string) =>
    (await suites.history.query({ suiteId, branch })).verdicts.map(({ runId }) => runId);
  expect(await verdictsOf()).toEqual([newest, ofBranch, failed]);
  expect(await verdictsOf('main')).toEqual([newest, failed]);
  expect(await suites.history.query({ suiteId, branch: 'faster-carts' })).toMatchObject({
    passRate: 1,
    lastFailure: null,
  });
  expect((await suites.branches.query({ suiteId })).items).toMatchObject([
    { branch: 'main', runId: newest, status: 'passed' },
    { branch: 'faster-carts', runId: ofBranch },
  ]);
  expect((await suites.branches.query()).items.map(({ branch }) => branch)).toEqual(['main', 'faster-carts']);
  const listed = async (filter: { suiteId: string; branch?: string }) =>
    (await runs.list.query(filter)).items.map(({ id }) => id);
  expect(await listed({ suiteId })).toEqual([newest, ofBranch, failed]);
  expect(await listed({ suiteId, branch: 'main' })).toEqual([newest, failed]);
  expect((await cases.grid.query({ suiteId })).runs.map(({ runId }) => runId)).toEqual([newest, ofBranch, failed]);
  expect((await cases.grid.query({ suiteId, branch: 'main' })).runs).toHaveLength(2);
});

test('a suite is archived and restored; its runs stay', async () => {
  const { suites, runs } = app().client.api;
  const { suiteId } = await createSuite('Put away');
  const isListed = async (archived: boolean) =>
    (await suites.list.query({ search: 'put away', archived })).items.length === 1;
  await suites.archive.mutate({ suiteId });
  expect([await isListed(false), await isListed(true)]).toEqual([false, true]);
  expect(await suites.byId.query({ suiteId })).toMatchObject({ name: 'Put away', archivedAt: expect.any(String) });
  expect((await runs.list.query({ suiteId })).items).toHaveLength(3);
  expect(await suites.restore.mutate({ suiteId })).toMatchObject({ name: 'Put away', archivedAt: null });
  expect(await isListed(false)).toBe(true);
});

test('a suite that does not exist is not found, and a grid names a job or a suite', async () => {
  const { suites, cases } = app().client.api;
  for (const call of [
    () => suites.byId.query({ suiteId: unknownId }),
    () => suites.history.query({ suiteId: unknownId }),
    () => suites.branches.query({ suiteId: unknownId }),
    () => suites.archive.mutate({ suiteId: unknownId }),
    () => suites.restore.mutate({ suiteId: unknownId }),
  ])
    await expect(call()).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } });
  await expect(cases.grid.query({} as { jobId: string })).rejects.toThrow('name a job');
});
