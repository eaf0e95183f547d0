import fc from 'fast-check';
import { expect, it } from 'vitest';
import { plainText, storableText } from './storable-text.ts';

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
