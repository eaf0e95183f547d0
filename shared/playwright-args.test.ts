import { expect, test } from 'vitest';
import { checkArgs, readArgs } from './playwright-args.ts';

const words = (...lines: string[]) => lines.flatMap((line) => line.split(' '));

test("Playwright's command line becomes options of a run", () => {
  expect(
    readArgs(
      words(
        'pay.spec.ts --project chromium safari -g @smoke --grep-invert=slow -j 4',
        '--retries=2 -x -u tests/cart --update-snapshots=all -gv old -j2',
      ),
    ),
  ).toEqual({
    options: {
      projects: ['chromium', 'safari'],
      grep: '@smoke',
      grepInvert: 'old',
      files: ['pay.spec.ts', 'tests/cart'],
      args: ['-j4', '--retries=2', '-x', '-u', '--update-snapshots=all', '-j2'],
    },
  });
  expect(readArgs(['-u', 'all', '--project=a b'])).toEqual({ options: { args: ['-uall'], projects: ['a b'] } });
  expect(readArgs([])).toEqual({ options: {} });
});

test('options that make no sense on workers are refused with the reason, unknown ones with those that there are', () => {
  for (const [words, problem] of [
    [['--ui'], 'no screen'],
    [['--headed'], 'no screen'],
    [['-c', 'x'], 'the config is chosen'],
    [['-cx'], 'the config is chosen'],
    [['--reporter=line'], 'Runlight reports'],
    [['--shard=1/2'], '--shards'],
    [['--'], '-- is not one of'],
    [['--inspect'], '--retries'],
    [['--workers'], '--workers needs a value'],
    [['--project'], '--project needs a value'],
    [['-x5'], '-x takes no value'],
  ] as const)
    expect(readArgs(words)).toEqual({ problem: expect.stringContaining(problem) });
});

test('args of a run are options only, and have no field of their own', () => {
  expect(checkArgs(['--retries', '2', '-j4', '--trace=on'])).toBeUndefined();
  expect(checkArgs(['pay.spec.ts'])).toContain('"pay.spec.ts" is no option');
  expect(checkArgs(['--project=a'])).toContain('fields of their own');
});
