import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runEventBody, type RunEventBody } from '#shared/events.ts';
import { executeScripts, script } from '#server/testing/execute-scripts.ts';
import { shutdownReason } from './execute-playwright.ts';
import { bubblewrap, noSandbox } from '#server/execution/sandbox/sandbox.ts';

type Step = Extract<RunEventBody, { type: 'step' }>;
const isStep = (event: RunEventBody): event is Step => event.type === 'step';
const brief = (event: RunEventBody) =>
  event.type === 'log'
    ? `${event.position}: ${event.stream} ${event.text.trim()}`
    : event.type === 'step'
      ? `${event.position}: ${event.category} ${event.title} ${event.status}`
      : event.type === 'test'
        ? `${event.position}: ${event.name} ${event.status}`
        : event.type === 'case'
          ? `${event.index}: case ${event.status}`
          : event.type;

const passing = script(`
  test('says hello', async () => {
    await test.step('outer', async () => {
      console.log('on the way');
      await test.step('inner', () => expect(1 + 1).toBe(2));
    });
    console.error('to stderr');
  });`);

describe.each([noSandbox, bubblewrap()])('a run in sandbox "$kind"', (sandbox) => {
  it('reports tests, steps and output in order, and passes', async () => {
    const second = script(`test('later', () => {}); test.skip('never', () => {});`);
    await using run = await executeScripts({ Hello: passing, 'Zweiter Test': second }, { sandbox });
    expect(run.outcome).toMatchObject({ status: 'passed', errorCode: null, errorDetails: null });
    expect(run.events.filter(({ type }) => type !== 'part').map(brief)).toEqual([
      '0: Hello running',
      '0: case running',
      '0: case says hello running',
      '0: test.step outer running',
      '0: stdout on the way',
      '0: test.step inner running',
      '0: expect Expect "toBe" running',
      '0: expect Expect "toBe" passed',
      '0: test.step inner passed',
      '0: test.step outer passed',
      '0: stderr to stderr',
      '0: case says hello passed',
      '0: case passed',
      '0: Hello passed',
      '1: Zweiter Test running',
      '1: case running',
      '1: case later running',
      '1: case later passed',
      '1: case passed',
      '2: case running',
      '1: case never running',
      '1: case never skipped',
      '2: case skipped',
      '1: Zweiter Test passed',
    ]);
    for (const event of run.events) expect(runEventBody.parse(event)).toEqual(event);
    expect(run.outcome.tests.map(({ position, status, flaky, error }) => ({ position, status, flaky, error }))).toEqual(
      [
        { position: 0, status: 'passed', flaky: false, error: null },
        { position: 1, status: 'passed', flaky: false, error: null },
      ],
    );
    expect(run.outcome.artifacts).toEqual([
      expect.objectContaining({ kind: 'report', path: 'report/index.html', position: null }),
      expect.objectContaining({ kind: 'log', path: 'output.log', position: null }),
    ]);
    expect(await readFile(path.join(run.runDir, 'output/output.log'), 'utf8')).toBe('on the way\nto stderr\n');
  });

  it('keeps a screenshot and a trace of a browser test that fails', async () => {
    const shop = script(`
      test('opens the cart', async ({ page }) => {
        await page.setContent('<h1>Shop</h1>');
        expect(await page.getByRole('heading').textContent()).toBe('Cart');
      });`);
    await using run = await executeScripts({ Shop: shop }, { sandbox });
    expect(run.outcome.status).toBe('failed');
    expect(run.outcome.errorDetails).toContain('Expected: "Cart"\nReceived: "Shop"');
    expect(run.outcome.artifacts.map(({ kind, position }) => `${kind} ${position}`)).toEqual(
      expect.arrayContaining(['screenshot 0', 'trace 0']),
    );
    for (const { path: file, bytes } of run.outcome.artifacts)
      expect((await readFile(path.join(run.runDir, 'output', file))).length).toBe(bytes);
    expect(run.events.filter(isStep).map(({ title }) => title)).toContain('Set content');
    expect(run.events.filter(isStep).map(({ category }) => category)).not.toContain('fixture');
  });

  it('can be cancelled in an endless loop, and has a report', async () => {
    const endless = script(`
      test('spins', async () => {
        await test.step('loop', async () => {
          // What was reported until now is on its way.
          await new Promise((resolve) => setTimeout(resolve, 100));
          for (let round = 0; ; round++) if (round === 1_000) console.log('spinning');
        });
      });`);
    const stop = new AbortController();
    await using run = await executeScripts(
      { Endless: endless, Passing: passing },
      {
        sandbox,
        scriptGraceMs: 0,
        signal: stop.signal,
        onEvent: (event) => event.type === 'log' && stop.abort('cancelled'),
      },
    );
    expect(run.outcome.status).toBe('cancelled');
    expect(run.outcome.tests.map(({ status }) => status)).toEqual(['interrupted', 'interrupted']);
    expect(run.outcome.artifacts.map(({ kind }) => kind)).toContain('report');
    expect(run.events.map(brief)).toContain('0: test.step loop interrupted');
  });
});

describe('the outcome', () => {
  it('is "failed" with the first failure, in plain text and with its line in the script', async () => {
    const slow = script(`test('waits', async () => { test.setTimeout(200); await new Promise(() => {}); });`);
    const wrong = script(`
      test('adds', () => {
        expect.soft(1 + 1, 'the sum').toBe(3);
      });
      test('still runs', () => {});`);
    await using run = await executeScripts({ Wrong: wrong, Slow: slow, Hello: passing });
    expect(run.outcome.tests.map(({ status }) => status)).toEqual(['failed', 'timed_out', 'passed']);
    expect(run.outcome).toMatchObject({ status: 'failed', errorCode: null });
    expect(run.outcome.errorDetails).toBe(
      'Error: the sum\n\nexpect(received).toBe(expected) // Object.is equality\n\nExpected: 3\nReceived: 2',
    );
    expect(run.outcome.tests[0]?.error).toMatchObject({
      line: 4,
      column: 39,
      snippet: expect.stringContaining('> 4 |'),
    });
    expect(JSON.stringify(run.outcome)).not.toContain(String.raw`\u001b`);
    expect(run.outcome.tests[1]?.error?.message).toContain('Test timeout of 200ms exceeded');
    expect(run.events.filter(isStep).findLast(({ title }) => title === 'still runs')?.status).toBe('passed');
  });

  it('is "error" for a script that does not load, and the other scripts run', async () => {
    const broken = `import { test } from '@playwright/test';\ntest('a', () => {\n  const x = ;\n});\n`;
    const throwing = script(`console.log('before'); test(undefined!.name, () => {});`);
    await using run = await executeScripts({ 'My broken test': broken, Throwing: throwing, Hello: passing });
    expect(run.outcome).toMatchObject({ status: 'error', errorCode: 'script_error' });
    expect(run.outcome.errorDetails).toContain('SyntaxError: My broken test: Unexpected token (3:12)');
    expect(run.outcome.errorDetails).toContain('> 3 |   const x = ;');
    expect(run.outcome.errorDetails).not.toContain(run.runDir);
    expect(run.outcome.tests.map(({ status }) => status)).toEqual(['failed', 'failed', 'passed']);
    expect(run.outcome.tests[0]?.error).toMatchObject({ line: 3, column: 13 });
    expect(run.output).toContain('before\n');
  });

  it('is "error" for a script without tests, and names the script', async () => {
    await using run = await executeScripts({ Empty: 'export const nothing = 1;', Hello: passing });
    expect(run.outcome).toMatchObject({ status: 'error', errorCode: 'no_tests' });
    expect(run.outcome.errorDetails).toContain('"Empty" holds no test');
    expect(run.outcome.tests.map(({ status }) => status)).toEqual(['failed', 'passed']);
  });

  it('is "error" when test.only in one script leaves out another, and honours it within one', async () => {
    const only = script(`test.only('one', () => {}); test('two', () => { throw new Error('must not run'); });`);
    await using run = await executeScripts({ Only: only, Hello: passing });
    expect(run.outcome).toMatchObject({ status: 'error', errorCode: 'no_tests' });
    expect(run.outcome.errorDetails).toContain('"Hello" did not run, because another test of the job uses test.only');
    expect(run.outcome.tests.map(({ status }) => status)).toEqual(['passed', 'skipped']);
  });

  it('is "passed" for tests that are skipped, or that pass on a retry', async () => {
    const skipped = script(`test.fixme('one', () => {}); test('two', () => { test.skip(true, 'not now'); });`);
    const flaky = script(`
      test.describe.configure({ retries: 1 });
      test('second try', () => { expect(test.info().retry).toBe(1); });`);
    await using run = await executeScripts({ Skipped: skipped, Flaky: flaky });
    expect(run.outcome.status).toBe('passed');
    expect(run.outcome.tests).toMatchObject([
      { status: 'skipped', flaky: false },
      { status: 'passed', flaky: true, error: null },
    ]);
  });

  it('is "error" if a test needs a browser and there is none, and says what to do', async () => {
    const page = script(`test('needs a page', async ({ page }) => { await page.setContent(''); });`);
    await using run = await executeScripts({ Page: page, Hello: passing }, { browser: undefined, video: true });
    expect(run.outcome).toMatchObject({ status: 'error', errorCode: 'no_browser' });
    expect(run.outcome.errorDetails).toContain('npx playwright install chromium');
    expect(run.output).toContain('Videos are not recorded');
    expect(run.outcome.tests.map(({ status }) => status)).toEqual(['failed', 'passed']);
  });
});

describe('stopping', () => {
  const waiting = script(
    `test('waits', async () => { console.log('waiting'); await test.step('for ever', () => new Promise(() => {})); });`,
  );

  it.each([
    { reason: 'any other', expected: { status: 'cancelled', errorCode: null } },
    { reason: shutdownReason, expected: { status: 'error', errorCode: 'worker_stopped' } },
  ])('with the reason "$reason" ends the run with its report', async ({ reason, expected }) => {
    const stop = new AbortController();
    await using run = await executeScripts(
      { Waiting: waiting, Hello: passing },
      { signal: stop.signal, onEvent: (event) => event.type === 'log' && stop.abort(reason) },
    );
    expect(run.outcome).toMatchObject(expected);
    expect(run.outcome.tests.map(({ status }) => status)).toEqual(['interrupted', 'interrupted']);
    expect(run.outcome.artifacts.map(({ kind }) => kind)).toContain('report');
  });

  it('at the timeout ends the run even while scripts are loaded', async () => {
    const endless = script(`while (true) {}`);
    await using run = await executeScripts({ Endless: endless }, { timeoutMs: 1_500, scriptGraceMs: 0 });
    expect(run.outcome).toMatchObject({
      status: 'timed_out',
      errorCode: 'run_timeout',
      tests: [{ status: 'interrupted' }],
    });
    expect(run.outcome.errorDetails).toBe('The run took longer than 1.5 s and was stopped.');
  });

  it.each(['sandbox', 'compile', 'browser'])('in phase "%s" of the start ends the run at once', async (phase) => {
    const stop = new AbortController();
    await using run = await executeScripts(
      { Waiting: waiting },
      {
        signal: stop.signal,
        scriptGraceMs: 0,
        onEvent: (event) => event.type === 'part' && event.phase === phase && stop.abort('cancelled'),
      },
    );
    expect(run.outcome).toMatchObject({ status: 'cancelled', tests: [{ status: 'interrupted' }] });
  });

  it('before the start ends the run at once', async () => {
    await using run = await executeScripts({ Waiting: waiting }, { signal: AbortSignal.abort('cancelled') });
    expect(run.outcome).toMatchObject({ status: 'cancelled', tests: [{ status: 'interrupted' }] });
  });
});
