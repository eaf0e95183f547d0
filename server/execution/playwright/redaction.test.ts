import { expect, test } from 'vitest';
import { createRedaction } from './redaction.ts';

const key = `-----BEGIN PRIVATE KEY-----
MIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8w
ggE7AgEAAkEAq7BFUpkGp3LQmlQYx2eqzD
ab1
-----END PRIVATE KEY-----`;

test('every line of a secret of several lines is hidden, but its frame and its short lines are not', () => {
  const { redact } = createRedaction([key]);
  expect(redact(key)).toBe('***');
  expect(key.split('\n').map((line) => redact(`| ${line}`))).toEqual([
    '| -----BEGIN PRIVATE KEY-----',
    '| ***',
    '| ***',
    '| ab1',
    '| -----END PRIVATE KEY-----',
  ]);
});

test.each([
  ['LF', 'CR LF', '\n', '\r\n'],
  ['CR LF', 'LF', '\r\n', '\n'],
])('a secret that was stored with %s is hidden with %s, too, also in its other forms', (_, __, stored, printed) => {
  const { redact } = createRedaction([['first line', 'second line'].join(stored)]);
  const text = ['first line', 'second line'].join(printed);
  for (const form of [
    text,
    encodeURIComponent(text),
    JSON.stringify(text).slice(1, -1),
    Buffer.from(text).toString('base64'),
  ])
    expect(redact(form)).toBe('***');
  expect(redact('  second line\t')).toBe('  ***\t');
});

test('texts inside of a JSON secret are hidden, with their lines', () => {
  const { redact } = createRedaction([
    JSON.stringify({ user: { password: 'correct horse' }, keys: [key], n: 123_456_789 }),
  ]);
  expect(redact('login with correct horse')).toBe('login with ***');
  expect(redact('> ggE7AgEAAkEAq7BFUpkGp3LQmlQYx2eqzD')).toBe('> ***');
});

test('short values, and what only looks like JSON, are no reason to hide words', () => {
  const { redact } = createRedaction(['abcde', '{not json', '[1, 2]']);
  expect(redact('abcdef {not json [1, 2] not json')).toBe('abcdef *** *** not json');
});
