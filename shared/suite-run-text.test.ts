import { expect, test } from 'vitest';
import { optionsText } from './suite-run-text.ts';

test('options of a run read as on the command line', () => {
  expect(optionsText({})).toBe('');
  expect(
    optionsText({
      projects: ['chromium', 'Mobile Safari'],
      grep: '@smoke',
      grepInvert: "it's slow",
      files: ['tests/cart'],
      args: ['--retries=2'],
    }),
  ).toBe(
    `tests/cart --project=chromium '--project=Mobile Safari' --grep=@smoke '--grep-invert=it'\\''s slow' --retries=2`,
  );
});
