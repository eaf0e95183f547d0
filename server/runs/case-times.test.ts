import { expect, test } from 'vitest';
import { beginWithCases, caseEvent, end, failedCase, listedCase, report } from '#server/testing/played-cases.ts';
import { eventually } from '#server/testing/eventually.ts';
import { useTestApp } from '#server/testing/resources.ts';

const getApp = useTestApp({});
const titles = ['adds', 'removes', 'never runs'];

test('the times of cases are those since the run was queued; a case that did not begin has none', async () => {
  const app = getApp();
  const { runId } = await beginWithCases(
    app,
    titles.map((title) => listedCase(title)),
  );
  await report(app, runId, [caseEvent(1, 'running')]);
  await report(app, runId, [caseEvent(0, 'running')]);
  await report(app, runId, [failedCase(1, 'expect 1')]);
  const { items, queuedAt } = await app.client.api.runs.times.query({ runId });
  expect(items).toEqual([
    [1, expect.any(Number), expect.any(Number)],
    [0, expect.any(Number), null],
  ]);
  expect(items[0]![2]!).toBeGreaterThanOrEqual(items[0]![1]);
  expect(queuedAt).toBe((await app.client.api.runs.byId.query({ runId })).queuedAt);
  await end(app, runId, 'failed');
  expect((await app.client.api.runs.times.query({ runId })).items.map(([index]) => index)).toEqual([1, 0]);
});

test('a window of the log can be that of one case, or of one attempt', async () => {
  const app = getApp();
  const { runId } = await beginWithCases(
    app,
    titles.map((title) => listedCase(title)),
  );
  const print = (text: string, caseIndex: number, attempt = 0) =>
    ({ type: 'log', stream: 'stdout', text, position: 0, caseIndex, attempt }) as const;
  await report(app, runId, [print('a', 0), print('b', 1), print('c', 0, 1), print('d', 0, 1)]);
  const read = async (place: object) => {
    const window = await app.client.api.runs.log.query({ runId, ...place });
    return { ...window, texts: window.items.flatMap((entry) => (entry.type === 'log' ? entry.text : [])) };
  };
  expect((await read({ caseIndex: 0 })).texts).toEqual(['a', 'c', 'd']);
  const last = await read({ caseIndex: 0, attempt: 1, limit: 1 });
  expect(last).toMatchObject({ texts: ['d'], hasEarlier: true, hasLater: false });
  const earlier = await read({ caseIndex: 0, attempt: 1, before: last.items[0]!.seq });
  expect(earlier).toMatchObject({ texts: ['c'], hasEarlier: false });
  expect(await read({ caseIndex: 1, after: last.items[0]!.seq })).toMatchObject({ texts: [], hasEarlier: true });
});

test('the steps of an attempt come without those of others, and a stream goes on after them', async () => {
  const app = getApp();
  const { runId } = await beginWithCases(
    app,
    titles.map((title) => listedCase(title)),
  );
  const step = (id: string, caseIndex: number, attempt: number) =>
    ({
      type: 'step',
      position: 0,
      caseIndex,
      attempt,
      id,
      parentId: null,
      category: 'case',
      title: id,
      status: 'running',
      duration: null,
      error: null,
    }) as const;
  await report(app, runId, [caseEvent(0, 'running'), step('a', 0, 0), step('b', 1, 0), step('c', 0, 1)]);
  const { items, head } = await app.client.api.runs.steps.query({ runId, caseIndex: 0, attempt: 0 });
  expect(items.map((entry) => (entry.type === 'step' ? entry.id : entry.type))).toEqual(['case', 'a']);
  const scope = { runId, caseIndex: 0, attempt: 0, types: ['step' as const], lastEventId: String(head) };
  const stream = app.client.stream((api) => api.runs.onEvents, scope);
  await report(app, runId, [step('d', 0, 0), step('e', 1, 0)]);
  await eventually(() => expect(stream.data).toMatchObject([{ id: 'd' }]));
  stream.close();
});
