import { expect, test } from 'vitest';
import { begin, queueTest } from '#server/testing/played-worker.ts';
import { beginWithCases, caseEvent, end, failedCase, listedCase, report } from '#server/testing/played-cases.ts';
import { useTestApp } from '#server/testing/resources.ts';
import { caseId } from './case-id.ts';
import { commitRun } from './commit-run.ts';

const getApp = useTestApp({});

test('the manifest of a part names files, projects and tags once, and its hash stands for it', async () => {
  const app = getApp();
  const cases = [
    listedCase('cart › adds', { project: 'chromium', tags: ['@slow'] }),
    listedCase('cart › removes', { project: 'chromium', line: null }),
    listedCase('cart › adds', { project: 'firefox', tags: ['@smoke', '@slow'] }),
  ];
  const { runId } = await beginWithCases(app, cases);
  const { hash, ...manifest } = await app.client.api.runs.manifest.query({ runId, part: 0 });
  expect(manifest).toEqual({
    part: 0,
    firstIndex: 0,
    files: [{ name: 'Watched', position: 0 }],
    projects: ['chromium', 'firefox'],
    tags: ['@slow', '@smoke'],
    cases: [
      [0, 0, 3, ['cart', 'adds'], [0]],
      [0, 0, null, ['cart', 'removes'], []],
      [0, 1, 3, ['cart', 'adds'], [1, 0]],
    ],
  });
  const { parts } = await app.client.api.runs.byId.query({ runId });
  expect(parts).toMatchObject([{ part: 0, status: 'running', total: 3, firstIndex: 0, casesHash: hash }]);
  const again = await beginWithCases(app, cases);
  expect(await app.client.api.runs.manifest.query({ runId: again.runId, part: 0 })).toMatchObject({ hash });
});

test('before its cases are listed, a script is one case without titles, and the manifest has no hash', async () => {
  const app = getApp();
  const { runId } = await queueTest(app);
  expect(await app.client.api.runs.manifest.query({ runId, part: 0 })).toEqual({
    hash: null,
    part: 0,
    firstIndex: 0,
    files: [{ name: 'Watched', position: 0 }],
    projects: [''],
    tags: [],
    cases: [[0, 0, null, [], []]],
  });
  expect((await app.client.api.runs.states.query({ runId })).cases).toEqual([[0, 'pending', 0, null, '']]);
});

test('cases are listed by page, in their order or the slowest first', async () => {
  const app = getApp();
  const { runId } = await beginWithCases(
    app,
    Array.from({ length: 7 }, (_, index) => listedCase(`case ${index}`)),
  );
  const durations = [30, 10, null, 50, 10, null, 20];
  await report(
    app,
    runId,
    durations.map((duration, index) => caseEvent(index, duration === null ? 'skipped' : 'passed', { duration })),
  );
  const read = async (sort: 'index' | 'slowest') => {
    const pages: number[][] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await app.client.api.runs.cases.query({ runId, sort, cursor, limit: 3 });
      pages.push(page.items.map(({ index }) => index));
      cursor = page.nextCursor;
    }
    return pages;
  };
  expect(await read('index')).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
  expect(await read('slowest')).toEqual([[3, 0, 6], [1, 4, 2], [5]]);
});

test('cases are found by status, mark, project, script, part, words and tag', async () => {
  const app = getApp();
  const { runId } = await beginWithCases(app, [
    listedCase('cart › adds 100%', { project: 'chromium', tags: ['@slow'] }),
    listedCase('cart › removes', { project: 'firefox' }),
    listedCase('search › finds', { project: 'firefox', tags: ['@slower'] }),
  ]);
  await report(app, runId, [
    failedCase(0, '\u001b[31mexpect\u001b[39m 1\nand more'),
    caseEvent(1, 'passed', { attempt: 1, flaky: true }),
  ]);
  const find = async (filter: Omit<Parameters<typeof app.client.api.runs.cases.query>[0], 'runId'>) =>
    (await app.client.api.runs.cases.query({ runId, ...filter })).items.map(({ index }) => index);
  expect(await find({ status: ['failed', 'pending'] })).toEqual([0, 2]);
  expect(await find({ status: ['flaky'] })).toEqual([1]);
  expect(await find({ project: 'firefox', search: 'CART' })).toEqual([1]);
  expect(await find({ search: '0%' })).toEqual([0]);
  expect(await find({ search: '_' })).toEqual([]);
  expect(await find({ search: '@slow' })).toEqual([0]);
  expect(await find({ file: 'Watched', part: 0 })).toEqual([0, 1, 2]);
  expect(await find({ file: 'another' })).toEqual([]);
  expect(await find({ part: 1 })).toEqual([]);
  const { items } = await app.client.api.runs.cases.query({ runId });
  expect(items[0]).toMatchObject({
    error: { message: '\u001b[31mexpect\u001b[39m 1' },
    script: 'Watched',
    titlePath: ['cart', 'adds 100%'],
    title: 'cart › adds 100%',
    startedAt: expect.any(String),
  });
});

test('a case comes with its whole errors, its artifacts, its usual duration and its quarantine', async () => {
  const app = getApp();
  const cases = [listedCase('shaky'), listedCase('sound')];
  const { runId: earlier, testId } = await beginWithCases(app, cases);
  await report(app, earlier, [caseEvent(0, 'passed', { duration: 40 }), caseEvent(1, 'passed')]);
  await end(app, earlier);
  const { runId } = await app.client.api.tests.run.mutate({ testId });
  await begin(app, runId);
  const { db } = app.services;
  const quarantine = { reason: 'slow mail server', owner: 'Ann', expiresAt: '2126-01-01T00:00:00.000Z' };
  await db
    .insertInto('quarantines')
    .values({ caseId: caseId(testId, cases[0]!), projectId: app.projectId, createdBy: 'Ann', ...quarantine })
    .execute();
  const artifact = { kind: 'trace', bytes: 1, contentType: 'application/zip' } as const;
  await report(app, runId, [
    { type: 'artifact', ...artifact, path: `/artifacts/${runId}/a.zip`, name: 'a.zip', caseIndex: 0, attempt: 1 },
  ]);
  expect(await app.client.api.runs.case.query({ runId, index: 0 })).toMatchObject({
    titlePath: [],
    title: '',
    script: 'Watched',
    artifacts: [{ name: 'a.zip', attempt: 1 }],
  });
  await commitRun(app.services, runId, { from: ['running'], listed: { part: 0, cases } });
  await report(app, runId, [failedCase(0, 'expect 1\nand more'), failedCase(1, 'expect 2')]);
  expect(await app.client.api.runs.case.query({ runId, index: 0 })).toMatchObject({
    caseId: caseId(testId, cases[0]!),
    status: 'failed',
    quarantined: true,
    error: { message: 'expect 1\nand more', line: 7 },
    errors: [{ message: 'expect 1\nand more' }],
    medianDuration: 40,
    quarantine,
  });
  expect(await app.client.api.runs.byId.query({ runId })).toMatchObject({
    quarantined: 1,
    failed: 1,
    artifacts: [{ caseIndex: 0, attempt: 1 }],
    expectedDuration: expect.any(Number),
  });
});

test('what the run does not have, and what no answer gave, is refused with a sentence', async () => {
  const app = getApp();
  const { runId } = await queueTest(app);
  const { api } = app.client;
  await expect(api.runs.case.query({ runId, index: 17 })).rejects.toThrow(
    'The run has no case 17: it has 1 case, and the first one has the index 0.',
  );
  await expect(api.runs.manifest.query({ runId, part: 3 })).rejects.toThrow('The run has no part 3.');
  const cursors = ['x', 'bnVsbA', Buffer.from('{"index":-1}').toString('base64url')];
  const ofSlowest = Buffer.from('{"index":1,"duration":4}').toString('base64url');
  for (const cursor of [...cursors, ofSlowest])
    await expect(api.runs.cases.query({ runId, cursor })).rejects.toMatchObject({ data: { code: 'BAD_REQUEST' } });
  await expect(api.runs.log.query({ runId, limit: 501 })).rejects.toThrow('at most 500');
  await expect(api.runs.log.query({ runId, before: 3, after: 4 })).rejects.toThrow('together');
  const stream = app.client.stream((of) => of.runs.onEvents, { runId, caseIndex: 5 });
  await expect(stream.ended).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } });
});

test('failures are grouped by their cause, the most frequent first, with the run in which it was seen first', async () => {
  const app = getApp();
  const cases = ['one', 'two', 'three', 'four'].map((title) => listedCase(title));
  const first = await beginWithCases(app, cases);
  await report(app, first.runId, [failedCase(3, 'expected 4 rows')]);
  await end(app, first.runId, 'failed');
  const { runId } = await beginWithCases(app, cases);
  await report(app, runId, [
    failedCase(0, 'no such button'),
    failedCase(1, 'expected 1 rows'),
    failedCase(2, 'expected 200 rows'),
    caseEvent(3, 'passed'),
  ]);
  const { items } = await app.client.api.runs.errors.query({ runId });
  expect(items).toMatchObject([
    { message: 'expected 1 rows', count: 2, files: ['Watched'], indexes: [1, 2], firstSeen: { runId: first.runId } },
    { message: 'no such button', count: 1, files: ['Watched'], indexes: [0], firstSeen: null },
  ]);
  // A case that passes at last has no cause any more.
  await report(app, runId, [
    caseEvent(1, 'running', { attempt: 1 }),
    caseEvent(1, 'passed', { attempt: 1, flaky: true }),
  ]);
  const [rows] = (await app.client.api.runs.errors.query({ runId })).items.filter(({ message }) =>
    /rows/.test(message),
  );
  expect(rows).toMatchObject({ message: 'expected 200 rows', indexes: [2] });
});

test('a window of the log leaves steps out, begins with the newest entries and goes on in both directions', async () => {
  const app = getApp();
  const { runId } = await beginWithCases(app, [listedCase('one')]);
  const step = { type: 'step', position: 0, category: 'expect', title: 'x', status: 'passed' } as const;
  for (let n = 1; n <= 5; n += 1)
    await report(app, runId, [
      { ...step, id: `s${n}`, parentId: null, duration: 1, error: null, caseIndex: 0, attempt: 0 },
      { type: 'log', stream: 'stdout', text: `line ${n}\n`, caseIndex: 0, attempt: 0 },
    ]);
  const read = async (place: { before?: number; after?: number }) => {
    const { items, ...rest } = await app.client.api.runs.log.query({ runId, limit: 2, ...place });
    return {
      ...rest,
      seqs: items.map(({ seq }) => seq),
      texts: items.map((it) => (it.type === 'log' ? it.text : it.type)),
    };
  };
  const tail = await read({});
  expect(tail).toEqual({
    hasEarlier: true,
    hasLater: false,
    head: 13,
    seqs: [11, 13],
    texts: ['line 4\n', 'line 5\n'],
  });
  expect(await read({ before: 11 })).toMatchObject({ hasEarlier: true, hasLater: true, seqs: [7, 9] });
  expect(await read({ before: 3 })).toMatchObject({ hasEarlier: false, hasLater: true, texts: ['status', 'status'] });
  expect(await read({ after: 9 })).toMatchObject({ hasEarlier: true, hasLater: false, seqs: [11, 13] });
  expect(await read({ after: 13 })).toMatchObject({ hasLater: false, seqs: [] });
});

test('a window of long entries has fewer of them, and goes on where it ends', async () => {
  const app = getApp();
  const { runId } = await beginWithCases(app, [listedCase('one')]);
  const long = (n: number) => ({ type: 'log', stream: 'stdout', text: `${n}`.repeat(200_000) }) as const;
  for (const n of [1, 2, 3, 4]) await report(app, runId, [long(n)]);
  const read = async (place: { before?: number; after?: number }) => {
    const { items, ...rest } = await app.client.api.runs.log.query({ runId, ...place });
    return { ...rest, entries: items.flatMap((it) => (it.type === 'log' ? [it.text[0]] : [])), items };
  };
  const tail = await read({});
  expect(tail).toMatchObject({ entries: ['3', '4'], hasEarlier: true, hasLater: false });
  expect(await read({ before: tail.items[0]!.seq })).toMatchObject({ entries: ['1', '2'], hasLater: true });
  expect(await read({ after: 1 })).toMatchObject({ entries: ['1', '2'], hasLater: true });
  await report(app, runId, [{ type: 'log', stream: 'stdout', text: 'x'.repeat(600_000) }]);
  expect(await read({})).toMatchObject({ entries: ['x'], hasEarlier: true, hasLater: false });
});
