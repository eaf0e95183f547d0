import { expect, test } from 'vitest';
import { emptyRunDraft, toRunInput } from './run-draft.ts';

test('what is empty is left out, and lists are split as people write them', () => {
  expect(toRunInput(emptyRunDraft)).toEqual({ shards: 1, options: {} });
  expect(
    toRunInput({
      shards: '4',
      minutes: '90',
      projects: ' chromium , Mobile Safari,',
      grep: '@smoke .*',
      files: ' tests/cart  tests/till.spec.ts ',
      args: '--retries=2 --workers=1',
    }),
  ).toEqual({
    shards: 4,
    timeoutMs: 5_400_000,
    options: {
      projects: ['chromium', 'Mobile Safari'],
      grep: '@smoke .*',
      files: ['tests/cart', 'tests/till.spec.ts'],
      args: ['--retries=2', '--workers=1'],
    },
  });
});
