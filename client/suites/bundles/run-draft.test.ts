import { expect, test } from 'vitest';
import { emptyRunDraft, toRunDraft, toRunInput } from './run-draft.ts';

test('what is empty is left out, and lists are split as people write them', () => {
  expect(toRunInput(emptyRunDraft)).toEqual({ shards: 1, options: {} });
  expect(
    toRunInput({
      shards: '4',
      wantedMinutes: '5',
      projects: ' chromium , Mobile Safari,',
      grep: '@smoke .*',
      grepInvert: '',
      files: ' tests/cart  tests/till.spec.ts ',
      args: '--retries=2 --workers=1',
    }),
  ).toEqual({
    shards: 4,
    options: {
      projects: ['chromium', 'Mobile Safari'],
      grep: '@smoke .*',
      files: ['tests/cart', 'tests/till.spec.ts'],
      args: ['--retries=2', '--workers=1'],
    },
  });
});

test('what is stored is shown so that it can be stored again', () => {
  const stored = {
    shards: 'auto' as const,
    wallTimeMs: 90_000,
    options: {
      projects: ['Desktop, wide', 'Mobile Safari'],
      grepInvert: "it's slow",
      files: ['my tests/a.spec.ts', 'b'],
      args: ['--trace=on'],
    },
  };
  expect(toRunDraft(stored).projects).toBe('"Desktop, wide", Mobile Safari');
  expect(toRunInput(toRunDraft(stored))).toEqual(stored);
});
