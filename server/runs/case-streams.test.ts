import { describe, expect, test } from 'vitest';
import { type CaseChanges, type CaseState } from '#shared/run-cases.ts';
import { isTerminal } from '#shared/run-status.ts';
import { createTestClient } from '#server/testing/client.ts';
import { eventually } from '#server/testing/eventually.ts';
import { expectNothingLost } from '#server/testing/expect-nothing-lost.ts';
import { beginWithCases, caseEvent, end, failedCase, listedCase, report } from '#server/testing/played-cases.ts';
import { queueTest } from '#server/testing/played-worker.ts';
import { testApp, useTestApp } from '#server/testing/resources.ts';
import { startWatchers } from '#server/testing/watchers.ts';
import { caseId } from './case-id.ts';
import { commitRun } from './commit-run.ts';

const listed = (count: number) => Array.from({ length: count }, (_, index) => listedCase(`case ${index}`));

/** What a client has made of the frames. */
function assemble(frames: readonly CaseChanges[]): CaseState[] {
  const states = new Map<number, CaseState>();
  for (const { cases } of frames) for (const state of cases) states.set(state[0], state);
  return [...states.values()].toSorted((a, b) => a[0] - b[0]);
}

const step = { type: 'step', position: 0, category: 'expect', title: 'x', status: 'passed', duration: 1 } as const;

describe.each([
  ['redis', 'responder'],
  ['postgres', 'responder'],
  ['redis', 'stock'],
] as const)('streams of cases over %s, answered by the %s', (backend, subscriptions) => {
  const getApp = useTestApp({ backend, subscriptions });

  test('send all states, then those that change, with counts and parts, and end with the run', async () => {
    const app = getApp();
    const { runId } = await queueTest(app);
    const { events, ended } = app.client.stream((api) => api.runs.onCases, { runId });
    await eventually(() => expect(events).toHaveLength(1));
    expect(events[0]).toMatchObject({
      id: '1',
      data: {
        version: 1,
        status: 'queued',
        counts: { total: 1, passed: 0, failed: 0, skipped: 0, flaky: 0, notRun: 0, quarantined: 0 },
        parts: [{ part: 0, status: 'queued', total: 1, firstIndex: 0, casesHash: null }],
        cases: [[0, 'pending', 0, null, '']],
      },
    });
    const { startedAt } = (await commitRun(app.services, runId, { from: ['queued'], to: 'running' }))!;
    await commitRun(app.services, runId, { from: ['running'], listed: { part: 0, cases: listed(3) } });
    const at = (version: number) => eventually(() => expect(events.at(-1)!.data.version).toBe(version));
    await at(3);
    expect(events.at(-1)!.data).toMatchObject({
      status: 'running',
      counts: { total: 3 },
      parts: [{ status: 'running', total: 3, casesHash: expect.any(String), startedAt }],
    });
    await report(app, runId, [caseEvent(1, 'running'), caseEvent(1, 'passed', { attempt: 1, flaky: true })]);
    await at(4);
    expect(events.at(-1)!.data).toMatchObject({ counts: { passed: 1, flaky: 1 }, cases: [[1, 'passed', 1, 11, 'f']] });
    await report(app, runId, [{ type: 'log', stream: 'stdout', text: 'no state\n' }]);
    await end(app, runId);
    await ended;
    expect(events.at(-1)!.data).toMatchObject({
      version: 5,
      status: 'passed',
      parts: [{ status: 'passed' }],
      // A frame may repeat what a read has brought already.
      cases: expect.arrayContaining([
        [0, 'skipped', 0, null, ''],
        [2, 'skipped', 0, null, ''],
      ]),
    });
    const whole = await app.client.api.runs.states.query({ runId });
    expect(assemble(events.map((event) => event.data))).toEqual(whole.cases);
    const { cases: _, parts, ...last } = whole;
    expect(events.at(-1)!.data).toMatchObject({ ...last, parts });
  });

  test('merge changes, so that a watcher gets a frame every 250 ms at most, and all get the same', async () => {
    const app = getApp();
    const { runId } = await beginWithCases(app, listed(40));
    const streams = [1, 2].map(() => app.client.stream((api) => api.runs.onCases, { runId }));
    await eventually(() => expect(streams.map(({ events }) => events.length)).toEqual([1, 1]));
    const startedAt = performance.now();
    for (let index = 0; index < 40; index += 1) await report(app, runId, [caseEvent(index, 'passed')]);
    await end(app, runId);
    await Promise.all(streams.map(({ ended }) => ended));
    const frames = streams[0]!.events.length;
    expect(frames - 1).toBeLessThanOrEqual((performance.now() - startedAt) / 250 + 2);
    const [one, two] = streams.map(({ data }) => assemble(data));
    expect(one).toEqual(two);
    expect(one).toEqual((await app.client.api.runs.states.query({ runId })).cases);
  });

  test('bring a client that comes back all that has changed meanwhile, as one frame', async () => {
    const app = getApp();
    const { runId } = await beginWithCases(app, listed(300));
    const stream = app.client.stream((api) => api.runs.onCases, { runId });
    await eventually(() => expect(stream.events).toHaveLength(1));
    const comeBack = app.client.stayAway();
    app.cutConnections();
    await eventually(() => expect(app.services.hub.stats().watchers).toBe(0));
    for (const index of [7, 3, 7]) await report(app, runId, [failedCase(index, 'expected 1')]);
    comeBack();
    await eventually(() => expect(stream.events).toHaveLength(2));
    expect(stream.data[1]!.cases).toEqual([
      [3, 'failed', 0, 13, ''],
      [7, 'failed', 0, 17, ''],
    ]);
    await end(app, runId, 'failed');
    await stream.ended;
    expect(assemble(stream.data)).toEqual((await app.client.api.runs.states.query({ runId })).cases);
  });

  test('begin after the version that a client has, and from the start for an id that is none', async () => {
    const app = getApp();
    const { runId } = await beginWithCases(app, listed(2));
    const { version } = await app.client.api.runs.states.query({ runId });
    await report(app, runId, [caseEvent(1, 'passed')]);
    await end(app, runId);
    const since = (lastEventId: string) => app.client.stream((api) => api.runs.onCases, { runId, lastEventId });
    const streams = {
      known: since(String(version)),
      last: since(String(version + 2)),
      ahead: since('99'),
      no: since('x'),
    };
    await Promise.all(Object.values(streams).map(({ ended }) => ended));
    const indexes = (frames: CaseChanges[]) => frames.map(({ cases }) => cases.map(([index]) => index));
    // Case 0 never ran, and was skipped at the end.
    expect(indexes(streams.known.data)).toEqual([[0, 1]]);
    expect(indexes(streams.last.data)).toEqual([]);
    expect(indexes(streams.ahead.data)).toEqual([[0, 1]]);
    expect(indexes(streams.no.data)).toEqual([[0, 1]]);
  });

  test('bring a list of cases that is too large for a message of the bus', async () => {
    const app = getApp();
    const { runId } = await queueTest(app);
    const stream = app.client.stream((api) => api.runs.onCases, { runId });
    await eventually(() => expect(stream.events).toHaveLength(1));
    await commitRun(app.services, runId, { from: ['queued'], to: 'running', claimedBy: 'a worker' });
    await commitRun(app.services, runId, { from: ['running'], listed: { part: 0, cases: listed(1_500) } });
    await eventually(() => expect(assemble(stream.data)).toHaveLength(1_500));
    expect(stream.data.at(-1)!.counts.total).toBe(1_500);
  });

  test('of the log of one case leave out the others, wherever they begin, and end with the run', async () => {
    const app = getApp();
    const { runId, testId } = await beginWithCases(app, listed(2));
    const write = async (turn: number) => {
      for (const caseIndex of [0, 1])
        await report(app, runId, [
          { ...step, id: `${turn}.${caseIndex}`, parentId: null, error: null, caseIndex, attempt: turn },
          { type: 'log', stream: 'stdout', text: `case ${caseIndex}, attempt ${turn}\n`, caseIndex, attempt: turn },
          { type: 'log', stream: 'stdout', text: 'of no case\n' },
          caseEvent(caseIndex, 'failed', { attempt: turn }),
        ]);
    };
    await write(0);
    const follow = (filter: { caseIndex?: number; caseId?: string; attempt?: number; types?: ('log' | 'case')[] }) =>
      app.client.stream((api) => api.runs.onEvents, { runId, ...filter });
    const byIndex = follow({ caseIndex: 1 });
    const byId = follow({ caseId: caseId(testId, listedCase('case 1')) });
    const attempt = follow({ caseIndex: 1, attempt: 1 });
    const output = follow({ types: ['log'] });
    await eventually(() => expect([byIndex.events.length, byId.events.length]).toEqual([3, 3]));
    const comeBack = app.client.stayAway();
    app.cutConnections();
    await write(1);
    comeBack();
    await eventually(() => expect(byIndex.events).toHaveLength(6));
    await write(2);
    await eventually(() => expect(byIndex.events).toHaveLength(9));
    await end(app, runId, 'failed');
    await Promise.all([byIndex, byId, attempt, output].map(({ ended }) => ended));

    const all = app.client.stream((api) => api.runs.onEvents, { runId });
    await all.ended;
    const ofCase = all.events.filter(({ data }) =>
      data.type === 'case' ? data.index === 1 : 'caseIndex' in data && data.caseIndex === 1,
    );
    expect(byIndex.events).toEqual(ofCase);
    expect(byId.events).toEqual(ofCase);
    expect(attempt.events).toEqual(ofCase.filter(({ data }) => 'attempt' in data && data.attempt === 1));
    expect(output.events).toEqual(all.events.filter(({ data }) => data.type === 'log'));
    expect(all.data.at(-1)).toMatchObject({ type: 'status', status: 'failed' });
    expect(all.data.map(({ seq }) => seq)).toEqual(all.data.map((_, index) => index + 1));
  });
});

test('5,000 cases settle before many watchers, of whom some never read, and all have made the same of it', async () => {
  await using app = await testApp();
  const count = 5_000;
  const { runId } = await beginWithCases(app, listed(count));
  using readers = startWatchers({ servers: [app], runId, logs: 1, states: 1, cases: 60 });
  using paused = startWatchers({ servers: [app], runId, logs: 1, states: 1, cases: 10 });
  await eventually(() => expect(Math.min(readers.version(), paused.version())).toBeGreaterThan(2));
  paused.pause();
  for (let from = 0; from < count; from += 100) {
    const indexes = Array.from({ length: 100 }, (_, offset) => from + offset);
    await report(
      app,
      runId,
      indexes.map((index) => caseEvent(index, 'running')),
    );
    await report(
      app,
      runId,
      indexes.map((index) => (index % 9 === 0 ? failedCase(index, 'x') : caseEvent(index, 'passed'))),
    );
    if (from % 1_000 === 0) readers.cut();
  }
  await end(app, runId, 'failed');
  await expectNothingLost('5,000 cases', readers, app.services, runId);
  paused.resume();
  await expectNothingLost('5,000 cases, read late', paused, app.services, runId);
  const client = createTestClient(app);
  const { counts, status } = await client.api.runs.states.query({ runId });
  expect(isTerminal(status)).toBe(true);
  expect(counts).toMatchObject({ total: count, passed: 4_444, failed: 556 });
});
