import { expect, test } from 'vitest';
import { useTestApp } from '#server/testing/resources.ts';
import { passing } from '#server/testing/scripts.ts';
import { commitRun } from '#server/runs/commit-run.ts';

const app = useTestApp({});

/** Creates a test with runs that have these results, the oldest first. */
async function createTest(
  name: string,
  ...results: { status: 'passed' | 'failed'; flaky?: boolean; duration: number }[]
) {
  const { tests } = app().client.api;
  const { id: testId } = await tests.create.mutate({ name, script: `// ${name}\n${passing}` });
  for (const { status, flaky = false, duration } of results) {
    const { runId } = await tests.run.mutate({ testId });
    await commitRun(app().services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
    await commitRun(app().services, runId, {
      from: ['running'],
      to: status,
      events: [{ type: 'test', position: 0, name, status, flaky, duration, error: null }],
    });
  }
  return testId;
}

test('tests are listed by their last failure, as flaky or as slow, page by page', async () => {
  const { tests } = app().client.api;
  await createTest('Never run');
  await createTest('Failed first', { status: 'failed', duration: 5 }, { status: 'failed', duration: 5 });
  await createTest('Slow', { status: 'passed', duration: 900 }, { status: 'passed', duration: 800 });
  await createTest('Flaky', { status: 'passed', flaky: true, duration: 50 }, { status: 'failed', duration: 50 });
  const names = async (sort: 'new' | 'failed' | 'flaky' | 'slow') => {
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof tests.list.query>> = await tests.list.query({ sort, cursor, limit: 3 });
      found.push(...page.items.map(({ name }) => name));
      cursor = page.nextCursor;
    } while (cursor);
    return found;
  };
  expect(await names('new')).toEqual(['Flaky', 'Slow', 'Failed first', 'Never run']);
  expect(await names('failed')).toEqual(['Flaky', 'Failed first', 'Slow', 'Never run']);
  expect(await names('flaky')).toEqual(['Flaky', 'Slow', 'Failed first', 'Never run']);
  expect(await names('slow')).toEqual(['Slow', 'Flaky', 'Failed first', 'Never run']);
  const { items } = await tests.list.query({ search: 'flaky' });
  expect(items).toMatchObject([{ name: 'Flaky', flakeRate: 1 }]);
});

test('archived tests are listed apart, and come back with their runs and schedules', async () => {
  const { tests, jobs } = app().client.api;
  const testId = await createTest('Comes back', { status: 'passed', duration: 5 });
  const { id: jobId } = await jobs.create.mutate({ name: 'Comes back', testIds: [testId], schedule: '0 7 * * *' });
  await jobs.archive.mutate({ jobId });
  await tests.archive.mutate({ testId });
  const listed = async (archived: boolean) => [
    ...(await tests.list.query({ search: 'comes back', archived })).items.map(({ id }) => id),
    ...(await jobs.list.query({ search: 'comes back', archived })).items.map(
      ({ id, nextRunAt }) => `${id} ${nextRunAt !== null}`,
    ),
  ];
  expect(await listed(false)).toEqual([]);
  expect(await listed(true)).toEqual([testId, `${jobId} false`]);

  await expect(jobs.restore.mutate({ jobId })).rejects.toMatchObject({
    data: { code: 'CONFLICT' },
    message: expect.stringContaining('restore them first: "Comes back"'),
  });
  await tests.restore.mutate({ testId });
  expect(await jobs.restore.mutate({ jobId })).toMatchObject({ archivedAt: null, nextRunAt: expect.any(String) });
  expect(await listed(false)).toEqual([testId, `${jobId} true`]);
  await jobs.run.mutate({ jobId });
});
