import fc from 'fast-check';
import { expect, it } from 'vitest';
import { plainText, storableJson, storableText } from './storable-text.ts';

it('leaves well-formed text alone and replaces what jsonb refuses', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(storableText(text)).toBe(text.toWellFormed().replaceAll('\0', '\ufffd'));
    }),
  );
});

it('removes colours and says how much it cut', () => {
  expect(plainText('\u001b[31mred\u001b[39m', 100)).toBe('red');
  expect(plainText('abcdef', 4)).toBe('abcd… (2 more characters)');
});

it('cleans the texts of a JSON value, and returns a clean value as it is', () => {
  const clean = { text: 'a \u{1f600}', list: [1, null] };
  expect(storableJson(clean)).toBe(clean);
  expect(storableJson({ text: 'a\0b', list: ['\ud800', 1] })).toEqual({ text: 'a\ufffdb', list: ['\ufffd', 1] });
});
