import { expect, test } from 'vitest';
import { hasSameLines, splitLines } from './line-ends.ts';

test('texts are the same however their lines end, and not if a line differs', () => {
  expect(splitLines('a\r\nb\rc\n\nd')).toEqual(['a', 'b', 'c', '', 'd']);
  expect(hasSameLines('a\nb\n', 'a\r\nb\r')).toBe(true);
  expect(hasSameLines('a\r\nb', 'a\n\nb')).toBe(false);
  expect(hasSameLines('a\nb', 'a b')).toBe(false);
});
