import { expect, test } from 'vitest';
import { contentId } from './content-id.ts';

test('equal values have the same id, whatever the order of their keys', () => {
  expect(contentId({ a: 1, b: { c: [1, 2], d: null } })).toBe(contentId({ b: { d: null, c: [1, 2] }, a: 1 }));
});

test('different values have different ids', () => {
  const values = [null, undefined, 0, '0', '', [], {}, [1, 2], [2, 1], { a: 1 }, { a: '1' }, { a: { b: 1 } }];
  expect(new Set(values.map(contentId)).size).toBe(values.length);
});

test('an id is stable over versions of the server, short, and no number', () => {
  expect(contentId({ passRate: 0.5, runs: 20 })).toMatchInlineSnapshot(`"O1Gmsuu8eE8oHR4V"`);
});
