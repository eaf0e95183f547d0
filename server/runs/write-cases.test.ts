import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ListedCase } from '#shared/run-cases.ts';
import { caseEvent } from '#server/testing/played-cases.ts';
import { begin, queueTest } from '#server/testing/played-worker.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { countCases } from './case-counts.ts';
import { caseId } from './case-id.ts';
import { commitRun, type RunChange } from './commit-run.ts';

const listed = (...titlePath: string[]): ListedCase => ({
  position: 0,
  project: '',
  file: '',
  titlePath,
  line: 3,
  tags: ['@slow'],
  annotations: [],
});

const state = (index: number, status: 'running' | 'passed' | 'failed' | 'skipped', attempt = 0) => ({
  type: 'case' as const,
  index,
  caseId: '',
  part: 0,
  project: '',
  file: '',
  title: '',
  status,
  attempt,
  flaky: status === 'passed' && attempt > 0,
  quarantined: false,
  duration: status === 'running' ? null : 5,
  error: status === 'failed' ? { message: 'expected 1 to be 2' } : null,
});

/** A run of a script with these listed cases. */
async function runOf(app: TestSystem, cases: ListedCase[]) {
  const { testId, runId } = await queueTest(app);
  await begin(app, runId);
  const change = (change: Omit<RunChange, 'from'>) => commitRun(app.services, runId, { from: ['running'], ...change });
  await change({ listed: { part: 0, cases } });
  const rows = () =>
    app.services.db
      .selectFrom('runCases')
      .innerJoin('cases', 'cases.id', 'caseId')
      .select(['index', 'caseId', 'title', 'status', 'attempt', 'flaky', 'isScript', 'quarantined', 'runCases.version'])
      .where('runId', '=', runId)
      .orderBy('index')
      .execute();
  return { testId, runId, change, rows };
}

test('the cases that Playwright lists replace the script, and counts of the run count them', async () => {
  await using app = await testApp();
  const { testId, runId, change, rows } = await runOf(app, [listed('suite', 'one'), listed('two'), listed('three')]);
  expect(await rows()).toMatchObject([
    { title: 'suite › one', caseId: caseId(testId, listed('suite', 'one')), status: 'pending', isScript: false },
    { title: 'two' },
    { title: 'three' },
  ]);
  await change({ events: [state(0, 'running'), state(0, 'failed'), state(0, 'running', 1), state(0, 'passed', 1)] });
  await change({ events: [state(1, 'failed')] });
  await change({ to: 'failed', errorDetails: 'expected 1 to be 2' });
  expect(await app.client.api.runs.byId.query({ runId })).toMatchObject({
    status: 'failed',
    total: 3,
    passed: 1,
    failed: 1,
    flaky: 1,
    skipped: 1,
    notRun: 1,
  });
  const [one, two, three] = await rows();
  expect(one).toMatchObject({ status: 'passed', flaky: true, attempt: 1 });
  expect(two!.version).toBeGreaterThan(one!.version);
  expect(three).toMatchObject({ status: 'skipped', attempt: 0 });
});

test('a script is one case, with the result of the script, if its cases were never listed', async () => {
  await using app = await testApp();
  const { runId } = await queueTest(app);
  await begin(app, runId);
  await commitRun(app.services, runId, {
    from: ['running'],
    to: 'error',
    events: [
      {
        type: 'test',
        position: 0,
        name: 'Watched',
        status: 'failed',
        flaky: false,
        duration: null,
        error: { message: 'Unexpected token' },
      },
    ],
  });
  expect(await app.client.api.runs.byId.query({ runId })).toMatchObject({ status: 'error', total: 1, failed: 1 });
});

test('an event of a case that the run does not have is left out', async () => {
  await using app = await testApp();
  const { runId, change } = await runOf(app, [listed('one')]);
  await change({ events: [state(7, 'failed'), state(0, 'passed')] });
  await change({ to: 'passed' });
  const log = app.client.stream((api) => api.runs.onEvents, { runId });
  await log.ended;
  expect(log.data.flatMap((event) => (event.type === 'case' ? [[event.index, event.status]] : []))).toEqual([
    [0, 'passed'],
  ]);
  expect(log.data.map(({ seq }) => seq)).toEqual(log.data.map((_, index) => index + 1));
});

test('a case in quarantine fails nothing until the quarantine ends, and is counted apart', async () => {
  await using app = await testApp();
  const first = await runOf(app, [listed('shaky'), listed('sound')]);
  await first.change({ events: [state(0, 'failed'), state(1, 'passed')] });
  await first.change({ to: 'failed', errorDetails: 'expected 1 to be 2' });
  expect(await app.client.api.runs.byId.query({ runId: first.runId })).toMatchObject({ status: 'failed', failed: 1 });

  const rerun = async (expiresAt: string) => {
    const { db } = app.services;
    await db.deleteFrom('quarantines').execute();
    await db
      .insertInto('quarantines')
      .values({
        caseId: caseId(first.testId, listed('shaky')),
        projectId: app.projectId,
        reason: 'slow mail server',
        owner: 'Ann',
        expiresAt,
        createdBy: 'Ann',
      })
      .execute();
    const { runId } = await app.client.api.tests.run.mutate({ testId: first.testId });
    await begin(app, runId);
    const change = (change: Omit<RunChange, 'from'>) =>
      commitRun(app.services, runId, { from: ['running'], ...change });
    await change({ listed: { part: 0, cases: [listed('shaky'), listed('sound')] } });
    const script = { type: 'test' as const, position: 0, name: 'Watched', flaky: false, duration: 5 };
    await change({
      events: [
        state(0, 'failed'),
        state(1, 'passed'),
        { ...script, status: 'failed', error: { message: 'expected 1 to be 2' } },
      ],
    });
    await change({ to: 'failed', errorDetails: 'expected 1 to be 2' });
    return app.client.api.runs.byId.query({ runId });
  };
  expect(await rerun('2126-01-01T00:00:00Z')).toMatchObject({
    status: 'passed',
    errorDetails: null,
    passed: 1,
    failed: 0,
    quarantined: 1,
    tests: [{ status: 'passed' }],
  });
  expect(await rerun('2026-01-01T00:00:00Z')).toMatchObject({ status: 'failed', failed: 1, quarantined: 0 });
});

test('the counts of a run equal those of its cases after every change', async () => {
  await using app = await testApp();
  const { runId, change } = await runOf(
    app,
    Array.from({ length: 12 }, (_, index) => listed(`case ${index}`)),
  );
  await app.services.db.updateTable('runCases').set({ quarantined: true }).where('index', '<', 3).execute();
  const statuses = ['pending', 'running', 'passed', 'failed', 'timed_out', 'skipped', 'interrupted'] as const;
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          index: fc.nat({ max: 12 }),
          status: fc.constantFrom(...statuses),
          flaky: fc.boolean(),
          duration: fc.option(fc.nat({ max: 99 })),
        }),
        { minLength: 1, maxLength: 8 },
      ),
      async (changes) => {
        await change({ events: changes.map((of) => caseEvent(of.index, of.status, of)) });
        const { counts } = await app.client.api.runs.states.query({ runId });
        expect(counts).toEqual(await countCases(app.services.db, runId));
      },
    ),
    { numRuns: 100 },
  );
});
