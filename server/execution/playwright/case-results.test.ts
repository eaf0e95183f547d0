import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunEventBody } from '#shared/events.ts';
import type { ListedCase } from '#shared/run-cases.ts';
import { executeScripts, type Execution, script } from '#server/testing/execute-scripts.ts';

type CaseEvent = Extract<RunEventBody, { type: 'case' }>;
const casesOf = (run: Execution) => run.events.filter((event): event is CaseEvent => event.type === 'case');
const testsOf = (run: Execution) => run.events.filter((event) => event.type === 'test');

/** The last state of each case, by its index. */
function finalCases(run: Execution): CaseEvent[] {
  const states: CaseEvent[] = [];
  for (const event of casesOf(run)) states[event.index] = event;
  return states;
}

const brief = ({ title, status, attempt, flaky }: CaseEvent) =>
  `${title}: ${status} ${attempt}${flaky ? ' flaky' : ''}`;

describe('serial mode with retries', () => {
  it('passes a script when all its cases pass in the end, and marks the flaky ones', async () => {
    const secondTry = script(`
      test.describe.configure({ mode: 'serial', retries: 1 });
      test('opens the account', () => {});
      test('pays the bill', ({}, info) => { expect(info.retry).toBe(1); });`);
    const thirdTry = script(`
      test.describe.configure({ mode: 'serial', retries: 2 });
      test('one', () => {});
      test('two', () => {});
      test('three', async ({}, info) => { expect(info.retry).toBe(2); });`);
    await using run = await executeScripts({ Second: secondTry, Third: thirdTry });
    expect(run.outcome).toMatchObject({ status: 'passed', errorCode: null, errorDetails: null });
    expect(run.outcome.tests).toMatchObject([
      { status: 'passed', flaky: true, error: null },
      { status: 'passed', flaky: true, error: null },
    ]);
    expect(finalCases(run).map(brief)).toEqual([
      'opens the account: passed 1',
      'pays the bill: passed 1 flaky',
      'one: passed 2',
      'two: passed 2',
      'three: passed 2 flaky',
    ]);
    // The first script cannot change when the second begins, so its result comes before.
    expect(testsOf(run).map(({ name, status }) => `${name} ${status}`)).toEqual([
      'Second running',
      'Second passed',
      'Third running',
      'Third passed',
    ]);
  });

  it('fails a script when one of its cases never passes, with the error of that case', async () => {
    const fails = script(`
      test.describe.configure({ mode: 'serial', retries: 1 });
      test('opens the account', ({}, info) => { expect(info.retry, 'first attempt is shaky').toBe(1); });
      test('pays the bill', () => { expect('unpaid').toBe('paid'); });
      test('closes it', () => {});`);
    await using run = await executeScripts({ Fails: fails });
    expect(run.outcome).toMatchObject({ status: 'failed', errorCode: null });
    expect(run.outcome.errorDetails).toContain('Expected: "paid"');
    expect(run.outcome.tests[0]).toMatchObject({ status: 'failed', error: { line: 5 } });
    const states = finalCases(run);
    expect(states.map(brief)).toEqual([
      'opens the account: passed 1 flaky',
      'pays the bill: failed 1',
      'closes it: skipped 1',
    ]);
    expect(states.map(({ duration }) => duration === null)).toEqual([false, false, true]);
  });
});

describe('words of an error decide nothing', () => {
  it('about the exit of a process', async () => {
    const says = script(`test('the status page tells of a crash', () => {
      expect('all systems work', 'the page shows "worker process exited unexpectedly"').toContain('incident');
    });
    test('quotes Playwright', () => {
      throw new Error('worker process exited unexpectedly (code=0, signal=null)');
    });`);
    const expected = script(`
      test.fail('a known bug', () => { throw new Error('upload: worker process exited unexpectedly'); });
      test('works', () => {});`);
    await using run = await executeScripts({ Says: says, Expected: expected });
    expect(run.outcome).toMatchObject({ status: 'failed', errorCode: null });
    expect(run.outcome.tests.map(({ status }) => status)).toEqual(['failed', 'passed']);
  });

  it('about open files, the size of a file, processes, or a missing browser', async () => {
    const messages = [
      "EMFILE: too many open files, open '/srv/shop/log'",
      'EFBIG: file too large, write',
      'spawn node EAGAIN',
      "browserType.launch: Executable doesn't exist at /opt/chromium",
    ];
    const says = script(
      messages.map((text, i) => `test('${i}', () => { throw new Error(${JSON.stringify(text)}); });`).join('\n'),
    );
    await using run = await executeScripts({ Says: says }, { browser: undefined });
    expect(run.outcome).toMatchObject({ status: 'failed', errorCode: null });
    expect(finalCases(run).map(({ error }) => error?.message)).toEqual(messages.map((text) => `Error: ${text}`));
  });

  it('but an exit of the process does, unless Playwright passes the run', async () => {
    const flaky = script(`
      test.describe.configure({ retries: 1 });
      test('crashes once', ({}, info) => { if (info.retry === 0) process.exit(3); });`);
    await using passes = await executeScripts({ Flaky: flaky });
    expect(passes.outcome).toMatchObject({ status: 'passed' });
    expect(finalCases(passes).map(brief)).toEqual(['crashes once: passed 1 flaky']);

    const afterAll = script(`test('works', () => {}); test.afterAll(() => { process.exit(3); });`);
    await using crashes = await executeScripts({ 'After all': afterAll });
    expect(crashes.outcome).toMatchObject({ status: 'error', errorCode: 'script_crashed' });
    expect(crashes.outcome.errorDetails).toContain('"After all" ended the process');
  });
});

it('all cases are listed before the first one runs, in the order of their index', async () => {
  const long = 'x'.repeat(100_000);
  const many = script(
    `
    for (let i = 0; i < 700; i++) test('row ' + i, () => {});
    test.describe('outer', { tag: '@slow' }, () => {
      test('inner', { tag: '@smoke', annotation: { type: 'issue', description: 'SHOP-42' } }, () => {});
    });
    test('last', () => {});`,
  );
  const titles = script(`for (const end of ['a', 'b']) test('${long}' + end, () => {});`);
  const listed: ListedCase[][] = [];
  await using run = await executeScripts(
    { Many: many, Broken: 'test(', Titles: titles },
    { onListed: (cases) => listed.push(cases) },
  );
  expect(listed).toHaveLength(1);
  const [cases] = listed as [ListedCase[]];
  expect(cases).toHaveLength(702 + 1 + 2);
  expect(cases[700]).toEqual({
    position: 0,
    project: '',
    file: '',
    titlePath: ['outer', 'inner'],
    line: 5,
    tags: ['@slow', '@smoke'],
    annotations: [{ type: 'issue', description: 'SHOP-42' }],
    repeat: null,
  });
  // A script that Playwright cannot list stands for its cases.
  expect(cases[702]).toMatchObject({ position: 1, titlePath: [] });
  const [first, second] = cases.slice(703).map(({ titlePath }) => titlePath.join());
  expect(first!.length).toBeLessThanOrEqual(1_000);
  expect(first!.slice(0, 900)).toBe(second!.slice(0, 900));
  expect(first).not.toBe(second);
  expect(finalCases(run)[704]).toMatchObject({ position: 2, status: 'passed', title: second });
});

it('errors, reasons and annotations of a case are passed on', async () => {
  const talks = script(`
    test('fetches', async () => { await fetch('http://127.0.0.1:9/health'); });
    test('wraps', () => { throw new Error('outer', { cause: new TypeError('inner', { cause: new Error('innermost') }) }); });
    test('two soft failures', () => { expect.soft('x', 'the heading').toBe('y'); expect.soft(1, 'number').toBe(2); });
    test('pays by cheque', () => { test.skip(true, 'cheques are not accepted before May'); });
    test.fixme('refunds', () => {});
    test('notes', ({}, info) => { info.annotations.push({ type: 'build', description: '7' }, { type: 8 as any }); });`);
  await using run = await executeScripts({ Talks: talks });
  const [fetches, wraps, soft, cheque, refunds, notes] = finalCases(run);
  expect(fetches!.error?.message).toBe('TypeError: fetch failed\n[cause]: Error: bad port');
  expect(run.outcome.errorDetails).toBe(fetches!.error?.message);
  expect(wraps!.error).toMatchObject({
    message: 'Error: outer\n[cause]: TypeError: inner\n[cause]: Error: innermost',
    line: 4,
  });
  expect(soft!.errors).toMatchObject([
    { message: expect.stringContaining('the heading'), snippet: expect.stringContaining('> 5 |'), column: 71 },
    { message: expect.stringContaining('number'), snippet: expect.stringContaining('> 5 |'), column: 107 },
  ]);
  expect(soft!.error?.message).toBe(soft!.errors!.map(({ message }) => message).join('\n\n'));
  expect(cheque).toMatchObject({
    status: 'skipped',
    annotations: [{ type: 'skip', description: 'cheques are not accepted before May' }],
  });
  expect(refunds).toMatchObject({ status: 'skipped', duration: 0, annotations: [{ type: 'fixme' }] });
  expect(notes!.annotations).toEqual([
    { type: 'build', description: '7' },
    { type: '8', description: null },
  ]);
});

it('files of an attempt are listed, attached or not, and the log says what is not kept', async () => {
  const writes = script(`
    import fs from 'node:fs';
    test.describe.configure({ retries: 1 });
    test.describe('a group / with signs', () => {
      test('writes a very long title that Playwright shortens in the name of the folder', async ({}, info) => {
        fs.writeFileSync('home.png', 'lost');
        fs.mkdirSync('shots', { recursive: true });
        fs.writeFileSync('shots/a.webp', 'lost');
        fs.mkdirSync(info.outputPath('sub'));
        fs.writeFileSync(info.outputPath('sub', 'inside.png'), 'kept');
        fs.writeFileSync(info.outputPath('data.json'), '{"password":"opensesame"}');
        fs.writeFileSync(info.outputPath('copied.txt'), 'once');
        await info.attach('copied', { path: info.outputPath('copied.txt') });
        info.attachments.push({ name: 'bare', contentType: 'text/plain' });
        await info.attach('photo.png', { body: 'x', contentType: 'image/jpeg' });
        await info.attach('trace', { body: 'x', contentType: 'text/plain' });
        expect(info.retry).toBe(1);
      });
    });`);
  await using run = await executeScripts(
    { Writes: writes },
    { variables: { values: { PASSWORD: 'opensesame' }, secrets: ['opensesame'] } },
  );
  expect(run.outcome).toMatchObject({ status: 'passed', errorDetails: null });
  const ofAttempt = (attempt: number) =>
    run.outcome.artifacts.filter((it) => it.caseIndex === 0 && it.attempt === attempt);
  for (const attempt of [0, 1])
    expect(ofAttempt(attempt).map(({ name, kind, contentType, bytes }) => [name, kind, contentType, bytes])).toEqual(
      expect.arrayContaining([
        ['copied', 'log', 'text/plain', 4],
        ['bare', 'log', 'text/plain', 0],
        ['photo.png', 'screenshot', 'image/jpeg', 1],
        ['trace', 'log', 'text/plain', 1],
        ['sub/inside.png', 'screenshot', 'image/png', 4],
        ['data.json', 'log', 'application/json', 18],
      ]),
    );
  expect(ofAttempt(1)).toHaveLength(6);
  const data = ofAttempt(1).find(({ name }) => name === 'data.json')!;
  expect(await readFile(path.join(run.runDir, 'output', data.path), 'utf8')).toBe('{"password":"***"}');
  expect(run.output).toBe(
    'Not kept: "home.png", "shots/a.webp". Files of a run are kept if they are attached with test.info().attach(), or written to a path of test.info().outputPath().\n',
  );
  const say = run.events.find((event) => event.type === 'log');
  expect(say).toMatchObject({ position: 0, caseIndex: 0, attempt: 0 });
});

it('messages show neither paths of this machine nor code of Runlight', async () => {
  const helper = script(`import { login } from './helpers/login'; test('logs in', () => login());`);
  const innards = script(
    `test('shows its stack', () => { throw new Error(require.resolve('playwright') + '\\n' + new Error().stack); });`,
  );
  await using run = await executeScripts({ Helper: helper, Innards: innards });
  expect(run.outcome).toMatchObject({ status: 'error', errorCode: 'script_error' });
  expect(run.outcome.errorDetails).toContain("Cannot find module './helpers/login'");
  const everything = JSON.stringify([run.outcome, run.events]);
  for (const secret of [run.runDir, path.resolve('node_modules'), 'code.cjs', 'guard.cjs'])
    expect(everything).not.toContain(secret);
});

it('a run with too many cases is refused by the name of the limit, however many they are', async () => {
  const million = script(`for (let i = 0; i < 1_000_000; i++) test('row ' + i, () => {});`);
  await using run = await executeScripts({ Million: million }, { limits: { cases: 50 } });
  expect(run.outcome).toMatchObject({ status: 'error', errorCode: 'case_limit' });
  expect(run.outcome.errorDetails).toContain('more than 50 cases (RUN_MAX_CASES');
  expect(casesOf(run)).toEqual([]);
});
