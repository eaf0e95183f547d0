import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withRepetition } from '#shared/repetitions.ts';
import { choiceArgs } from '#shared/suite-choice.ts';
import type { SuiteChoice } from '#shared/suite-pipe.ts';
import { suiteReporter } from '#server/execution/suites/suite-reporter.ts';
import { entriesOf, ofType, resultsOf, startPiped } from '#sdk/reporter/testing/piped-suite.ts';
import { playwrights, playwrightSuite, type PlaywrightVersion } from '#sdk/reporter/testing/playwright-suite.ts';

/** As teams have them, and with what a worker must see to. */
const suiteFiles = {
  'package-lock.json': '{}',
  'package.json': JSON.stringify({ name: 'piped', private: true, type: 'module' }),
  'playwright.config.ts': `import { defineConfig } from '@playwright/test';
export default defineConfig({
  testDir: './e2e',
  reporter: [['html', { open: 'never', outputFolder: 'html' }]],
  workers: 1,
  globalSetup: './global-setup.ts',
  snapshotPathTemplate: '{testDir}/shots/{arg}{ext}',
  projects: [
    { name: 'setup', testMatch: /.*\\.setup\\.ts/, teardown: 'cleanup' },
    { name: 'cleanup', testMatch: /.*\\.cleanup\\.ts/ },
    { name: 'desktop', testMatch: /.*\\.spec\\.ts/, dependencies: ['setup'] },
    { name: 'phone ☎ [1]*', testMatch: /shop\\.spec\\.ts/, dependencies: ['setup'], fullyParallel: true },
  ],
});
`,
  'global-setup.ts': `import { spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
export default () => {
  const pipe = readlinkSync('/proc/self/fd/3');
  process.env.THE_PIPE = pipe;
  const open = 'const fs = require("fs"); for (const fd of fs.readdirSync("/proc/self/fd")) try { console.log(fs.readlinkSync("/proc/self/fd/" + fd)) } catch {}';
  const { stdout } = spawnSync(process.execPath, ['-e', open], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  if (!pipe.startsWith('socket:') || stdout.includes(pipe)) throw new Error('the pipe leaks to children');
};
`,
  'e2e/sign-in.setup.ts': `import { test } from '@playwright/test';
test('signs in', () => {});
test('signs in as another', () => {});
`,
  'e2e/sign-out.cleanup.ts': `import { test } from '@playwright/test';
test('signs out', () => {});
`,
  'e2e/shop.spec.ts': `import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { test, expect } from '@playwright/test';
test('plain', () => {});
test.describe('a group', () => {
  for (const value of ['a', 'b', 'ü "c" › \\\\d|(e)* $', '[x] ^']) test('of ' + value, { tag: '@of' }, () => {});
});
test('attaches', async ({}, info) => {
  await info.attach('text', { body: 'a few words', contentType: 'text/plain' });
  writeFileSync(info.outputPath('photo.png'), 'not a picture');
  await info.attach('photo', { path: info.outputPath('photo.png'), contentType: 'image/png' });
  info.attachments.push({ name: 'gone', path: info.outputPath('gone.txt'), contentType: 'text/plain' });
});
test('has no pipe', () => {
  const open = readdirSync('/proc/self/fd').map((fd) => { try { return readlinkSync('/proc/self/fd/' + fd); } catch { return ''; } });
  expect(open).not.toContain(process.env.THE_PIPE);
  expect(process.env.RUNLIGHT_PIPE).toBeUndefined();
});
test('fails', () => expect(1).toBe(2));
`,
  'e2e/shots/kept.txt': 'before',
  'e2e/looks.spec.ts': `import { test, expect } from '@playwright/test';
test('looks as before', () => {
  expect.soft('now').toMatchSnapshot('kept.txt');
  expect.soft('first').toMatchSnapshot('new.txt');
});
`,
  'e2e/serial.spec.ts': `import { test } from '@playwright/test';
test.describe.serial('in order', () => {
  test('one', () => {});
  test.describe('within', () => {
    test('two', () => {});
  });
});
test('of ä', () => {});
`,
};
/** Both are shown by one run, since each start of Playwright and of its workers takes time. */
test.for(Object.keys(playwrights) as PlaywrightVersion[])(
  'with Playwright %s, a worker lists cases and runs chosen ones with what they need, over a pipe that no other process has',
  async (version) => {
    await using suite = await playwrightSuite(suiteFiles, version);
    const listing = await startPiped(suite, suiteReporter(), ['--list']).done;
    expect(listing.messages.at(-1)).toMatchObject({ type: 'end', status: 'passed' });
    const cases = ofType(listing.messages, 'cases').flatMap((message) => message.cases);
    const groups = new Map(cases.map((one) => [one.group, cases.filter(({ group }) => group === one.group)]));
    expect([...groups.values()].map((group) => [group[0]!.project, group[0]!.file, group.length])).toEqual(
      expect.arrayContaining([
        ['desktop', 'shop.spec.ts', 8],
        ['desktop', 'serial.spec.ts', 3],
        ['phone ☎ [1]*', 'shop.spec.ts', 1],
      ]),
    );
    expect(groups.size).toBe(1 + 1 + 3 + 8);
    expect(
      cases
        .filter(({ isSetup }) => isSetup)
        .map(({ project }) => project)
        .sort(),
    ).toEqual(['cleanup', 'setup', 'setup']);

    const pick = (project: string, title: string) =>
      cases.filter((it) => it.project === project && it.titlePath.at(-1) === title);
    const choice: SuiteChoice = [
      ...['of ü "c" › \\d|(e)* $', 'two', 'attaches', 'has no pipe', 'fails', 'looks as before'].flatMap((title) =>
        pick('desktop', title),
      ),
      ...pick('phone ☎ [1]*', 'of a'),
      ...pick('phone ☎ [1]*', 'of a').map((it) => ({ ...it, titlePath: withRepetition(it.titlePath, 2) })),
      { project: 'desktop', file: 'shop.spec.ts', titlePath: ['gone'] },
    ];
    const { code, stderr, messages } = await startPiped(
      suite,
      suiteReporter(),
      [...choiceArgs(choice), '--repeat-each=3'],
      {
        choice,
      },
    ).done;
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(resultsOf(messages)).toEqual({
      'setup › signs in': 'passed',
      'setup › signs in as another': 'passed',
      'desktop › a group › of ü "c" › \\d|(e)* $': 'passed',
      'desktop › in order › one': 'passed',
      'desktop › in order › within › two': 'passed',
      'desktop › attaches': 'passed',
      'desktop › has no pipe': 'passed',
      'desktop › fails': 'failed',
      'desktop › looks as before': 'failed',
      'phone ☎ [1]* › a group › of a': 'passed',
      'phone ☎ [1]* › a group › of a (repeat 3)': 'passed',
      'cleanup › signs out': 'passed',
    });
    const repeats = entriesOf(messages).flatMap((entry) =>
      entry.type === 'cases' ? entry.cases.map(({ repeat }) => repeat) : [],
    );
    expect(repeats.toSorted()).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 2, undefined, undefined, undefined]);
    const compared = ofType(messages, 'file').flatMap(({ entry, path }) =>
      entry?.type === 'artifact' && entry.snapshot ? { ...entry.snapshot, text: readFileSync(path, 'utf8') } : [],
    );
    // What Playwright has written in place of a missing baseline is none.
    expect(compared).toEqual([
      { path: 'e2e/shots/kept.txt', role: 'expected', text: 'before' },
      { path: 'e2e/shots/kept.txt', role: 'actual', text: 'now' },
      { path: 'e2e/shots/new.txt', role: 'actual', text: 'first' },
    ]);
    expect(entriesOf(messages).filter(({ type }) => type === 'error')).toEqual([
      { type: 'error', error: expect.objectContaining({ message: '1 chosen case is not in the suite: gone.' }) },
    ]);
    const files = ofType(messages, 'file');
    const texts = files.filter(({ name }) => name.startsWith('text of'));
    expect(texts.map(({ path }) => readFileSync(path, 'utf8'))).toEqual(['a few words']);
    expect(files.every(({ path }) => existsSync(path))).toBe(true);
    expect(files.map(({ file }) => file)).toContain('report/index.html');
    expect(messages.at(-1)).toEqual({
      type: 'end',
      status: 'failed',
      undelivered: expect.stringContaining('1 file: gone of "attaches" (the file is gone)'),
      report: 'report/index.html',
    });
  },
);
