import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dropUnknown, idParam, lineParam, parseSearch, stringifySearch, textParam } from './search-params.ts';

test('values are the text of the address, whatever they look like', () => {
  for (const text of [
    '123',
    '007',
    '1e5',
    '-0',
    'true',
    'null',
    '"x"',
    '{"a":1}',
    '[1]',
    'a b',
    'ä&=+%',
    '"',
    '"a\\',
  ]) {
    expect(parseSearch(`?q=${encodeURIComponent(text)}`)).toEqual({ q: text });
  }
});

test('an address that gives a parameter twice has no such parameter', () => {
  expect(parseSearch('?q=a&q=b&status=failed')).toEqual({ status: 'failed' });
});

test('bookmarks with quotes around values that JSON can read keep their meaning', () => {
  expect(parseSearch('?q=%22123%22&step=%22true%22')).toEqual({ q: '123', step: 'true' });
  expect(parseSearch(`?q=${encodeURIComponent(JSON.stringify('"x"'))}`)).toEqual({ q: '"x"' });
});

test('what is written into an address is read from it', () => {
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json().map((json) => JSON.stringify(json)),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.string(), text), (search) => {
      expect(parseSearch(stringifySearch(search))).toEqual({ ...search });
    }),
  );
  expect(stringifySearch({ a: undefined, b: null, line: 5 })).toBe('?line=5');
  expect(stringifySearch({ a: undefined })).toBe('');
});

test('parameters that a page does not know are dropped', () => {
  const validate = dropUnknown(({ q }) => ({ q: textParam(q) }));
  expect(Object.assign({ q: '', x: 'y' }, validate({ q: '', x: 'y' }))).toEqual({});
  expect(Object.assign({ q: 'a', x: 'y' }, validate({ q: 'a', x: 'y' }))).toEqual({ q: 'a' });
});

test('texts are cut to what the server takes, between characters; ids and lines have their form', () => {
  expect(textParam(' ')).toBeUndefined();
  expect(textParam('a\0b')).toBe('ab');
  expect(textParam('x'.repeat(199) + '😀')).toBe(`${'x'.repeat(199)}\ufffd`);
  expect(idParam('-'.repeat(36))).toBeUndefined();
  expect(idParam('019a0000-0000-7000-8000-000000000001')).toBe('019a0000-0000-7000-8000-000000000001');
  expect(['0', '-1', '1.5', '1e3', 'true', '9'.repeat(20)].map(lineParam)).toEqual(Array(6).fill(undefined));
  expect(['42', '42-3'].map(lineParam)).toEqual(['42', '42-3']);
});
