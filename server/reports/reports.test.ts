import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { caseId } from '#server/runs/case-id.ts';
import { eventually } from '#server/testing/eventually.ts';
import {
  beginInput,
  caseEntry,
  casesEntry,
  logEntry,
  playReporter,
  stepEntry,
} from '#server/testing/played-reporter.ts';
import { useTestApp } from '#server/testing/resources.ts';

const app = useTestApp({});
const api = () => app().client.api;

/** Inputs for the two shards of a new build. */
const shardsOf = (more: Parameters<typeof beginInput>[0] = {}) => {
  const { build } = beginInput(more);
  return (current: number, total = 2) =>
    playReporter(app().client, { build, ...more, session: randomUUID(), shard: { current, total } });
};

test('a reported run is a run like any other: cases, steps, output, counts and verdict', async () => {
  const reporter = await playReporter(app().client);
  const { runId } = reporter;
  const events = app().client.stream((api) => api.runs.onEvents, { runId });
  const cases = app().client.stream((api) => api.runs.onCases, { runId });
  await eventually(() => expect(cases.data).toHaveLength(1));
  await reporter.report(
    casesEntry('cart › pays', 'cart › ships'),
    caseEntry(0, 'running'),
    stepEntry('a', 0, { category: 'case', title: 'cart › pays' }),
    stepEntry('b', 0, { parentId: 'a' }),
    logEntry('GET /cart 200\n', 0),
  );
  await reporter.report(
    stepEntry('b', 0, { parentId: 'a', status: 'passed', duration: 4 }),
    caseEntry(0, 'passed'),
    caseEntry(1, 'running'),
    caseEntry(1, 'failed'),
  );
  expect(await reporter.finish('failed')).toEqual({ status: 'failed' });
  await Promise.all([events.ended, cases.ended]);

  const run = await api().runs.byId.query({ runId });
  expect(run).toMatchObject({
    kind: 'suite',
    origin: 'reporter',
    name: 'web',
    trigger: 'ci',
    status: 'failed',
    total: 2,
    passed: 1,
    failed: 1,
    branch: 'main',
    commitSha: 'a1b2c3d',
    commitMessage: 'fix: pay by card',
    author: 'Ada',
    pullRequest: '#12',
    buildUrl: 'https://ci.example/builds/7',
    errorDetails: 'cart › ships: case 1 failed',
    parts: [{ part: 0, status: 'failed', total: 2, executor: 'ci-7', silent: false }],
  });
  const listed = await api().runs.cases.query({ runId });
  expect(listed.items).toMatchObject([
    { index: 0, title: 'cart › pays', file: 'shop/pay.spec.ts', project: 'chromium', position: null, status: 'passed' },
    { index: 1, title: 'cart › ships', status: 'failed', error: { message: 'case 1 failed' } },
  ]);
  expect(listed.items[0]!.caseId).toBe(caseId(run.suiteId!, casesEntry('cart › pays').cases[0]!));
  expect(events.data.map(({ seq }) => seq)).toEqual(events.data.map((_, index) => index + 1));
  expect(events.data.filter(({ type }) => type === 'case')[0]).toMatchObject({
    title: 'cart › pays',
    file: 'shop/pay.spec.ts',
    project: 'chromium',
    line: 3,
  });
  const steps = events.data.filter((event) => event.type === 'step');
  expect(steps.map(({ id }) => id.split('.').at(-1))).toEqual(['a', 'b', 'b']);
  expect(steps[1]!.parentId).toBe(steps[0]!.id);
  expect((await api().runs.steps.query({ runId, caseIndex: 0, attempt: 0 })).items).toHaveLength(5);
});

test('entries count once, however often they are sent, and a gap says where to go on', async () => {
  const reporter = await playReporter(app().client);
  const { runId, part, session } = reporter;
  const entries = [casesEntry('one'), logEntry('1'), logEntry('2'), logEntry('3')];
  const append = (after: number, from = after) =>
    api().reports.append.mutate({ runId, part, session, after, entries: entries.slice(from) });
  await expect(append(2)).rejects.toMatchObject({
    data: { code: 'CONFLICT', report: { reason: 'gap', acknowledged: 0 } },
    message: expect.stringContaining('0 are stored'),
  });
  const answers = await Promise.all(Array.from({ length: 8 }, () => append(0)));
  expect(answers).toEqual(Array.from({ length: 8 }, () => ({ acknowledged: 4 })));
  expect(await append(2)).toEqual({ acknowledged: 4 });
  expect(await append(4)).toEqual({ acknowledged: 4 });
  await reporter.begun;
  const finish = () =>
    api().reports.finish.mutate({ runId, part, session, after: 4, status: 'passed', undelivered: null });
  await expect(
    api().reports.finish.mutate({ runId, part, session, after: 5, status: 'passed', undelivered: null }),
  ).rejects.toMatchObject({ data: { report: { reason: 'gap', acknowledged: 4 } } });
  expect(await Promise.all([finish(), finish(), finish()])).toEqual(
    Array.from({ length: 3 }, () => ({ status: 'passed' })),
  );
  const log = app().client.stream((api) => api.runs.onEvents, { runId });
  await log.ended;
  expect(log.data.flatMap((event) => (event.type === 'log' ? [event.text] : []))).toEqual(['1', '2', '3']);
  await expect(append(4)).rejects.toMatchObject({ data: { code: 'CONFLICT', report: { reason: 'over' } } });
});

test('shards are one run, in any order; steps and cases of one do not touch the other', async () => {
  const shard = shardsOf();
  const second = await shard(2);
  const first = await shard(1);
  expect([first.runId, first.part, second.part]).toEqual([second.runId, 0, 1]);
  const { runId } = first;
  await second.report(casesEntry('b1', 'b2'), caseEntry(0, 'running'), stepEntry('x', 0));
  await first.report(casesEntry('a1'), caseEntry(0, 'passed'), caseEntry(1, 'failed'), stepEntry('x', 0));
  await second.report(caseEntry(0, 'passed'), caseEntry(1, 'passed'));
  expect(await first.finish()).toEqual({ status: 'running' });
  expect(await second.finish()).toEqual({ status: 'passed' });
  expect(await api().runs.byId.query({ runId })).toMatchObject({
    status: 'passed',
    total: 3,
    passed: 3,
    parts: [
      { part: 0, status: 'passed', total: 1, firstIndex: 2 },
      { part: 1, status: 'passed', total: 2, firstIndex: 0 },
    ],
  });
  const { items } = await api().runs.cases.query({ runId });
  expect(items.map(({ title, part }) => [title, part])).toEqual([
    ['b1', 1],
    ['b2', 1],
    ['a1', 0],
  ]);
  const { items: output } = await api().runs.log.query({ runId });
  expect(JSON.stringify(output)).toContain('1 irregular entries');
});

test('two shards that begin at the same time are one run', async () => {
  const shard = shardsOf();
  const begun = await Promise.all(Array.from({ length: 8 }, (_, index) => shard(index + 1, 8)));
  expect(new Set(begun.map(({ runId }) => runId)).size).toBe(1);
  expect((await api().runs.byId.query({ runId: begun[0]!.runId })).parts.map(({ status }) => status)).toEqual(
    Array.from({ length: 8 }, () => 'running'),
  );
});

test('the same session gets the same answer, and another one is refused while it lives', async () => {
  const reporter = await playReporter(app().client);
  await reporter.report(casesEntry('one'));
  expect(await api().reports.begin.mutate(reporter.input)).toEqual({ ...reporter.begun, acknowledged: 1 });
  const other = { ...reporter.input, session: randomUUID(), executor: 'ci-8' };
  await expect(api().reports.begin.mutate(other)).rejects.toMatchObject({
    data: { code: 'CONFLICT', report: { reason: 'busy' } },
    message: expect.stringMatching(/ci-7.*RUNLIGHT_SUITE/),
  });
  const { runId, part } = reporter;
  const stolen = { runId, part, session: other.session, after: 0 };
  await expect(api().reports.append.mutate({ ...stolen, entries: [] })).rejects.toMatchObject({
    data: { code: 'CONFLICT', report: { reason: 'taken' } },
  });
});

test('a shard that was killed and comes back takes over, and begins anew', async () => {
  const reporter = await playReporter(app().client);
  const { runId } = reporter;
  await reporter.report(casesEntry('one', 'two'), caseEntry(0, 'passed'), stepEntry('x', 1));
  await app()
    .services.db.updateTable('runParts')
    .set({ heartbeatAt: new Date(Date.now() - 21_000).toISOString() })
    .where('runId', '=', runId)
    .execute();
  const again = await playReporter(app().client, { ...reporter.input, session: randomUUID(), executor: 'ci-9' });
  expect(again.begun).toMatchObject({ runId, acknowledged: 0 });
  await expect(reporter.beat()).rejects.toMatchObject({ data: { report: { reason: 'taken' } } });
  await again.report(casesEntry('one', 'two'), caseEntry(0, 'passed'), stepEntry('x', 0), caseEntry(1, 'passed'));
  await again.finish();
  expect(await api().runs.byId.query({ runId })).toMatchObject({
    status: 'passed',
    total: 2,
    passed: 2,
    parts: [{ executor: 'ci-9', firstIndex: 2 }],
  });
  // Entries of the first list in the log do not become part of the second list.
  expect((await api().runs.steps.query({ runId, caseIndex: 2, attempt: 0 })).items).toHaveLength(2);
});

test.each([
  [
    'an error outside of cases',
    'failed',
    { status: 'error', errorCode: 'script_error', errorDetails: 'Cannot find module' },
  ],
  ['globalTimeout', 'timedout', { status: 'timed_out', errorCode: 'run_timeout' }],
  [
    'an interruption without a cancel',
    'interrupted',
    { status: 'error', errorDetails: expect.stringMatching(/interrupted/) },
  ],
  [
    'failure without a failed case',
    'failed',
    { status: 'failed', errorDetails: expect.stringMatching(/though no case did/) },
  ],
] as const)('%s decides the run', async (what, status, expected) => {
  const reporter = await playReporter(app().client);
  await reporter.report(casesEntry('one', 'two'), caseEntry(0, 'passed'), caseEntry(1, 'running'));
  if (what.startsWith('an error')) await reporter.report({ type: 'error', error: { message: 'Cannot find module' } });
  await reporter.finish(status, 'two files');
  const { runId } = reporter;
  const run = await api().runs.byId.query({ runId });
  expect(run).toMatchObject(expected);
  expect((await api().runs.cases.query({ runId })).items.map((it) => it.status)).toEqual(['passed', 'interrupted']);
  expect(JSON.stringify(await api().runs.log.query({ runId }))).toContain('could not deliver everything: two files');
});

test('a failure in quarantine fails neither its part nor the run', async () => {
  const before = await playReporter(app().client);
  await before.report(casesEntry('shaky'), caseEntry(0, 'failed'));
  await before.finish('failed');
  const [shaky] = (await api().runs.cases.query({ runId: before.runId })).items;
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  await api().cases.quarantine.mutate({ caseId: shaky!.caseId, reason: 'Slow', owner: 'Ada', expiresAt });
  const reporter = await playReporter(app().client);
  await reporter.report(casesEntry('shaky'), caseEntry(0, 'failed'));
  expect(await reporter.finish('failed')).toEqual({ status: 'passed' });
});

test('a reported run takes no place in the queue', async () => {
  const reporter = await playReporter(app().client);
  const stats = await api().queue.stats.query();
  expect(stats).toMatchObject({ running: 0, queued: 0 });
  expect((await api().queue.list.query()).running).toEqual([]);
  expect((await api().overview.get.query()).queue.running.map(({ id }) => id)).toContain(reporter.runId);
  await reporter.finish();
});
