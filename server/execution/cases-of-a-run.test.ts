import { expect, test } from 'vitest';
import type { CaseState } from '#shared/run-cases.ts';
import type { TestSettings } from '#shared/test-settings.ts';
import { script } from '#server/testing/execute-scripts.ts';
import { useTestApp } from '#server/testing/resources.ts';

const getApp = useTestApp({ worker: true });

/** Runs the scripts, named by the keys, as one job. */
async function run(scripts: Record<string, string>, settings: TestSettings = {}) {
  const { api, stream } = getApp().client;
  const testIds: string[] = [];
  for (const [name, text] of Object.entries(scripts))
    testIds.push((await api.tests.create.mutate({ name, script: text, settings })).id);
  const { id } = await api.jobs.create.mutate({ name: 'Cases', testIds });
  const { runId } = await api.jobs.run.mutate({ jobId: id });
  const changes = stream((api) => api.runs.onCases, { runId });
  await changes.ended;
  return { runId, run: await api.runs.byId.query({ runId }), changes };
}

test('a run counts cases, and each of them has its result, errors, reasons and files', async () => {
  const rows = script(`for (let i = 0; i < 303; i++) test('row ' + i, () => { expect(i).toBe(i); });`);
  const serial = script(`
    test.describe.configure({ mode: 'serial', retries: 1 });
    test('opens the account', () => {});
    test('pays the bill', async ({}, info) => {
      await info.attach('bill', { body: 'paid ' + info.retry });
      expect(info.retry).toBe(1);
    });`);
  const skips = script(`
    test('pays by card', { tag: '@smoke', annotation: { type: 'issue', description: 'SHOP-42' } }, () => {});
    test('pays by cheque', () => { test.skip(true, 'not before May'); });`);
  const { run: ended, runId, changes } = await run({ Rows: rows, Serial: serial, Skips: skips });
  expect(ended).toMatchObject({
    status: 'passed',
    total: 307,
    passed: 306,
    failed: 0,
    skipped: 1,
    flaky: 1,
    notRun: 0,
  });
  expect(ended.tests.map(({ status, flaky }) => [status, flaky])).toEqual([
    ['passed', false],
    ['passed', true],
    ['passed', false],
  ]);
  const { api } = getApp().client;
  expect(await api.runs.case.query({ runId, index: 304 })).toMatchObject({
    title: 'pays the bill',
    status: 'passed',
    flaky: true,
    attempt: 1,
    line: 5,
    artifacts: [
      { name: 'bill', attempt: 0 },
      { name: 'error-context', attempt: 0 },
      { name: 'trace', attempt: 0 },
      { name: 'bill', attempt: 1 },
    ],
  });
  expect(await api.runs.case.query({ runId, index: 305 })).toMatchObject({
    tags: ['@smoke'],
    annotations: [{ type: 'issue', description: 'SHOP-42' }],
  });
  expect(await api.runs.case.query({ runId, index: 306 })).toMatchObject({
    status: 'skipped',
    annotations: [{ type: 'skip', description: 'not before May' }],
  });
  // What a watcher has merged is what the run has.
  const states = new Map<number, CaseState>();
  for (const { cases } of changes.data) for (const state of cases) states.set(state[0], state);
  const all = await api.runs.states.query({ runId });
  expect([...states.values()].sort(([a], [b]) => a - b)).toEqual(all.cases);
});

test('a run tells of each phase before its first case, live and afterwards', async () => {
  const browser = script(`test('a page', async ({ page }) => { await page.setContent('<h1>Hello</h1>'); });`);
  const { runId, changes } = await run({ Page: browser });
  const phases = ['sandbox', 'compile', 'browser', 'cases'];
  const begun = changes.data.findLast(({ parts }) => parts)!.parts![0]!.phases!;
  expect(begun.map(({ phase }) => phase)).toEqual(phases);
  const times = begun.map(({ at }) => Date.parse(at));
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const { items } = await getApp().client.api.runs.log.query({ runId });
  const told = items.flatMap((event) => (event.type === 'part' && event.phase ? [event.phase] : []));
  expect(told).toEqual(phases);
  const browserAt = items.findIndex((event) => event.type === 'part' && event.phase === 'browser');
  expect(items.findIndex(({ type }) => type === 'case')).toBeGreaterThan(browserAt);
});

test('a failed run says of each case what failed, and a script that does not load is one failed case', async () => {
  const soft = script(`
    test('two soft failures', () => { expect.soft('x', 'the heading').toBe('y'); expect.soft(1, 'number').toBe(2); });
    test.describe.serial('serial', () => { test('fails', () => { expect(1).toBe(2); }); test('not run', () => {}); });`);
  const { run: ended, runId } = await run({ Soft: soft, Broken: `test('` });
  expect(ended).toMatchObject({
    status: 'error',
    errorCode: 'script_error',
    total: 4,
    failed: 3,
    skipped: 1,
    notRun: 1,
  });
  const { items } = await getApp().client.api.runs.cases.query({ runId, limit: 10 });
  expect(items.map(({ titlePath, status, duration }) => [titlePath.join(), status, duration === null])).toEqual([
    ['two soft failures', 'failed', false],
    ['serial,fails', 'failed', false],
    ['serial,not run', 'skipped', true],
    ['', 'failed', true],
  ]);
  const { errors } = await getApp().client.api.runs.case.query({ runId, index: 0 });
  expect(errors).toMatchObject([
    { message: expect.stringContaining('the heading'), snippet: expect.stringContaining('> 3 |') },
    { message: expect.stringContaining('number'), snippet: expect.stringContaining('> 3 |') },
  ]);
});

test('a case of a script is repeated without retries, alone, and is none of its test’s results', async () => {
  const { api, stream } = getApp().client;
  const { id: testId } = await api.tests.create.mutate({
    name: 'Shaky',
    settings: { retries: 2 },
    script: script(`
      test('is flaky', ({}, info) => { expect(info.repeatEachIndex).not.toBe(1); });
      test('is not run', () => {});`),
  });
  const { runId: first } = await api.tests.run.mutate({ testId });
  await stream((api) => api.runs.onStatus, { runId: first }).ended;
  const { caseId } = (await api.runs.cases.query({ runId: first })).items[0]!;
  for (const from of [undefined, first]) {
    const { runId } = await api.cases.repeat.mutate({ caseId, times: 3, runId: from });
    await stream((api) => api.runs.onStatus, { runId }).ended;
    expect(await api.runs.byId.query({ runId })).toMatchObject({ status: 'failed', total: 3, passed: 2, flaky: 0 });
    expect((await api.cases.repetitions.query({ caseId })).newest).toMatchObject({ runId, passed: 2, failed: 1 });
  }
  const { verdicts, flaky } = await api.cases.history.query({ caseId });
  expect([verdicts.map(({ runId }) => runId), flaky]).toEqual([[first], 0]);
  expect(await api.tests.byId.query({ testId })).toMatchObject({ lastRun: { id: first } });
});

test('two cases of one title are two cases, and the run says what Playwright says of them', async () => {
  const { run: ended } = await run({ Twice: script(`for (const _ of [1, 2]) test('same title', () => {});`) });
  expect(ended).toMatchObject({ status: 'error', errorCode: 'script_error', total: 2 });
  expect(ended.errorDetails).toContain('duplicate test title "same title"');
});

test('two cases that run at once keep their steps and output apart', async () => {
  const rounds = ['0', '1', '2', '3'];
  const both = script(`
    import fs from 'node:fs';
    import path from 'node:path';
    test.describe.configure({ mode: 'parallel' });
    for (const [own, other] of [['left', 'right'], ['right', 'left']])
      test(own, async ({}, info) => {
        const at = (name, round) => path.join(info.project.outputDir, name + round);
        fs.mkdirSync(info.project.outputDir, { recursive: true });
        for (const round of ${JSON.stringify(rounds)}) {
          console.log(own + ' prints ' + round);
          await test.step(own + ' steps ' + round, async () => {
            // Each waits for the other in each round.
            fs.writeFileSync(at(own, round), '');
            while (!fs.existsSync(at(other, round))) await new Promise((resolve) => setTimeout(resolve, 20));
          });
        }
      });`);
  const { run: ended, runId } = await run({ Both: both }, { workers: 2 });
  expect(ended).toMatchObject({ status: 'passed', passed: 2, errorDetails: null });
  const { api, stream } = getApp().client;
  const { items } = await api.runs.log.query({ runId });
  const printed = items.flatMap((event) => (event.type === 'log' ? [[event.caseIndex, event.text.trim()]] : []));
  expect(printed).toHaveLength(2 * rounds.length);
  for (const [caseIndex, name] of ['left', 'right'].entries()) {
    const prints = rounds.map((round) => `${name} prints ${round}`);
    expect(printed.filter(([index]) => index === caseIndex).map(([, text]) => text)).toEqual(prints);
    const events = stream((api) => api.runs.onEvents, { runId, caseIndex });
    await events.ended;
    const titles = events.data.flatMap((event) => (event.type === 'step' ? [event.title] : []));
    expect([...new Set(titles)].filter((title) => title.includes(' steps '))).toEqual(
      rounds.map((round) => `${name} steps ${round}`),
    );
    expect(events.data.flatMap((event) => (event.type === 'log' ? [event.text.trim()] : []))).toEqual(prints);
  }
});
