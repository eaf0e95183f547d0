import { expect, test } from 'vitest';
import { suiteReporter } from '#server/execution/suites/suite-reporter.ts';
import { eventually } from '#server/testing/eventually.ts';
import { goOn, reached, steeredSuite } from '#server/testing/steered-suite.ts';
import { entriesOf, resultsOf, startPiped } from '#sdk/reporter/testing/piped-suite.ts';
import { playwrightSuite } from '#sdk/reporter/testing/playwright-suite.ts';

const files: Readonly<Record<string, string>> = {
  ...steeredSuite,
  'playwright.config.ts': `import { defineConfig } from '@playwright/test';
export default defineConfig({ workers: 1, globalTeardown: process.env.TEARDOWN });
`,
};
const earlyEnd = {
  type: 'end',
  status: 'interrupted',
  undelivered: expect.stringContaining('ended early'),
  report: null,
};

test('a cancel of the worker interrupts the case in flight', async () => {
  await using suite = await playwrightSuite(files);
  const piped = startPiped(suite, suiteReporter());
  await goOn(suite, 'one');
  await reached(suite, 'two');
  piped.socket.write('no command\n{"type":"cancel","by":"Ada"}\n');
  const { code, stderr, messages } = await piped.done;
  expect(code).toBe(130);
  expect(stderr).toContain('the run was cancelled by Ada.');
  expect(Object.values(resultsOf(messages))).toEqual(['passed', 'interrupted']);
  expect(messages.at(-1)).toMatchObject({ type: 'end', status: 'interrupted', undelivered: null });
});

test('without its worker, Playwright is interrupted and ends', async () => {
  await using suite = await playwrightSuite(files);
  const piped = startPiped(suite, suiteReporter());
  await goOn(suite, 'one');
  await reached(suite, 'two');
  piped.socket.destroy();
  const { code, stderr } = await piped.done;
  expect({ code, stderr }).toEqual({ code: 130, stderr: 'Runlight: the worker of this run is gone.\n' });
});

test('what was said before a process.exit() comes through', async () => {
  await using suite = await playwrightSuite(files);
  await goOn(suite, 'one', 'two', 'three');
  const { code, messages } = await startPiped(suite, suiteReporter(), [], { TEARDOWN: './exits.ts' }).done;
  expect(code).toBe(7);
  expect(Object.values(resultsOf(messages))).toEqual(['passed', 'passed', 'passed']);
  expect(messages.at(-1)).toEqual(earlyEnd);
});

test('what was said before a SIGTERM comes through, even if the worker reads none of it until then', async () => {
  const lines = 20_000;
  await using suite = await playwrightSuite({
    ...files,
    'steered.spec.ts': `${files['steered.spec.ts']}
test('talks', async () => {
  for (let line = 0; line < ${lines}; line += 1) console.log('line ' + line + ' ' + 'x'.repeat(80));
  await until('four');
});
`,
  });
  await goOn(suite, 'one', 'two', 'three');
  const piped = startPiped(suite, suiteReporter());
  piped.socket.pause();
  await reached(suite, 'four');
  await eventually(() => expect(piped.output.stdout).toContain(`line ${lines - 1} `), { withinMs: 60_000 });
  process.kill(piped.child.pid!, 'SIGTERM');
  piped.socket.resume();
  const { messages } = await piped.done;
  expect(piped.child.signalCode).toBe('SIGTERM');
  expect(messages.at(-1)).toEqual(earlyEnd);
  const text = entriesOf(messages).flatMap((entry) => (entry.type === 'log' ? entry.text : []));
  expect(text.join('').match(/line \d+ x/g)).toHaveLength(lines);
});

test.for(['1.42', '1.65'] as const)(
  'with Playwright %s, nothing runs if a project names a browser that the worker does not have',
  async (version) => {
    await using suite = await playwrightSuite(
      {
        ...files,
        'api.setup.ts': `import { test } from '@playwright/test'; test('signs in', () => {});`,
        'playwright.config.ts': `import { defineConfig, devices } from '@playwright/test';
export default defineConfig({
  projects: [
    { name: 'api' },
    { name: 'setup', testMatch: 'api.setup.ts', use: { browserName: 'firefox' } },
    { name: 'desktop', use: { ...devices['Desktop Chrome'] }, dependencies: ['setup'] },
    { name: 'safari', use: { ...devices['Desktop Safari'] } },
    { name: 'branded', use: { channel: 'chrome' } },
    { name: 'own', use: { browserName: 'firefox', launchOptions: { executablePath: '/bin/true' } } },
    { name: 'empty', use: { browserName: 'firefox' }, testMatch: 'none' },
  ],
});
`,
      },
      version,
    );
    const RUNLIGHT_BROWSERS = JSON.stringify({ available: ['chromium'], worker: 'w1' });
    const { messages } = await startPiped(suite, suiteReporter(), [], { RUNLIGHT_BROWSERS }).done;
    const entries = entriesOf(messages);
    const errors = entries.flatMap((entry) => (entry.type === 'error' ? entry.error.message : []));
    expect(errors).toEqual([
      expect.stringContaining('The project "setup" needs Firefox, and the worker w1 has Chromium only:'),
      expect.stringContaining('The project "safari" needs WebKit, and the worker w1 has Chromium only:'),
      expect.stringContaining('The project "branded" needs Google Chrome, and the worker w1 has Chromium only:'),
    ]);
    expect(entries.filter(({ type }) => type === 'step')).toEqual([]);
    expect(messages.at(-1)).toMatchObject({ type: 'end', status: 'failed' });
  },
);
