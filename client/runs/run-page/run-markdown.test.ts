import { expect, test } from 'vitest';
import { runAsMarkdown } from './run-markdown.ts';

const run = {
  name: 'Shop *nightly*',
  status: 'failed' as const,
  total: 40,
  passed: 35,
  failed: 2,
  skipped: 2,
  notRun: 0,
  errorCode: null,
  flaky: 1,
  quarantined: 1,
  duration: 64_000,
  branch: null,
  commitSha: null,
};
const aCase = { script: null, file: 'cart.spec.ts', project: '', flaky: false, quarantined: false };

test('a run of a commit names it', () => {
  const [first] = runAsMarkdown({ ...run, branch: 'fix_cart', commitSha: '0123456789abcdef' }, [], 'http://r').split(
    '\n',
  );
  expect(first).toMatch(/, branch fix\\_cart, commit 0123456\)$/);
});

test('a run as Markdown has its counts and its failures with links, and no Markdown of its texts', () => {
  const text = runAsMarkdown(
    run,
    [
      {
        ...aCase,
        index: 3,
        title: 'adds [up]',
        status: 'failed',
        error: { message: '\x1b[31mexpected\x1b[0m `2`\n3' },
      },
      { ...aCase, index: 9, title: 'pays', project: 'firefox', status: 'passed', flaky: true, error: null },
    ],
    'http://localhost/runs/1',
  );
  expect(text.split('\n')).toEqual([
    '**Failed**: [Shop \\*nightly\\*](http://localhost/runs/1) (2 of 40 failed, 1 flaky, 1 failed in quarantine, 2 skipped, 1 m 04 s)',
    '',
    "- **failed** [cart.spec.ts › adds \\[up\\]](http://localhost/runs/1?case=3): `expected '2' 3`",
    '- **flaky** [cart.spec.ts › pays › \\[firefox\\]](http://localhost/runs/1?case=9)',
  ]);
});

test('a run that goes on says how far it is', () => {
  expect(runAsMarkdown({ ...run, status: 'running', skipped: 1, duration: null }, [], 'x')).toContain(
    '39 of 40 done, 2 failed',
  );
});
