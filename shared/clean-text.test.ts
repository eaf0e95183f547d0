import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanLine, cleanText, toJsonLine, withoutCiCommands } from './clean-text.ts';

const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '\u001B',
        '\u001B[',
        '\u009B',
        '31m',
        ';',
        '\u001B]8;;http://x\u0007',
        '\u001B[2J',
        '\u001B[8m',
        '\n',
      ),
      fc.constantFrom(
        '::',
        '##[',
        '##vso[',
        '\r',
        '\t',
        '\u001BP',
        '\u001B\\',
        '\u202E',
        '\u001B[1;31m',
        '\u001B[0m',
        ' ',
      ),
    ),
  )
  .map((parts) => parts.join(''));
// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/;

test('nothing that acts on a terminal is left, whatever the text is', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(cleanText(text)).not.toMatch(control);
      expect(cleanLine(text)).not.toMatch(/[\n\t]/);
      const colored = cleanText(text, { colors: true });
      // Colours alone.
      // eslint-disable-next-line no-control-regex
      expect(colored.replaceAll(/\u001B\[(?:(?:[012347]?|2[23479]|3[0-79]|9[0-7]);?)*m/g, '')).not.toMatch(control);
    }),
    { numRuns: 2_000 },
  );
});

test('colours stay where they are wanted, and end with the text', () => {
  const text = 'Expected: \u001B[32m3\u001B[39m\r\nReceived: \u001B[31;5m2\u001B[8m hidden';
  expect(cleanText(text)).toBe('Expected: 3\nReceived: 2 hidden');
  expect(cleanText(text, { colors: true })).toBe('Expected: \u001B[32m3\u001B[39m\nReceived: 2 hidden\u001B[0m');
  expect(cleanText('plain', { colors: true })).toBe('plain');
});

test('no line is a command to a CI', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const shown = withoutCiCommands(cleanText(text));
      for (const line of shown.split('\n')) expect(line.trimStart().startsWith('::')).toBe(false);
      expect(shown).not.toMatch(/##[\w-]*\[/);
    }),
    { numRuns: 2_000 },
  );
});

test('JSON keeps every value, and has nothing that acts on a terminal or a CI', () => {
  fc.assert(
    fc.property(hostile, fc.jsonValue(), (text, value) => {
      const line = toJsonLine({ text, value });
      expect(line).not.toMatch(/[\n\t]/);
      expect(line).not.toMatch(control);
      expect(line).not.toMatch(/##/);
      expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify({ text, value })));
    }),
    { numRuns: 2_000 },
  );
});
