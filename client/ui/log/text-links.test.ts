import { expect, test } from 'vitest';
import { linksIn, webUrl } from './text-links.ts';

const found = (text: string) => linksIn(text).map(({ start, end }) => text.slice(start, end));

test.each([
  ['see https://example.com/build/7?x=1 for more', ['https://example.com/build/7?x=1']],
  ['(see http://example.com/a).', ['http://example.com/a']],
  ['[docs](https://example.com/a_(b)), then', ['https://example.com/a_(b)']],
  ['(https://a.example),(https://b.example)', ['https://a.example', 'https://b.example']],
  [
    'https://a.example,https://b.example; https://c.example!',
    ['https://a.example', 'https://b.example', 'https://c.example'],
  ],
  ['{"url":"https://example.com/x","n":1}', ['https://example.com/x']],
  ['"{\\"url\\":\\"https://example.com/x\\"}"', ['https://example.com/x']],
  ['<https://example.com/x> ‘https://example.com/y’', ['https://example.com/x', 'https://example.com/y']],
  ['http://[::1]:3000/a#b HTTPS://EXAMPLE.COM/Ä', ['http://[::1]:3000/a#b', 'HTTPS://EXAMPLE.COM/Ä']],
  ['Local: http://localhost:5173/, http://127.0.0.1:80...', ['http://localhost:5173/', 'http://127.0.0.1:80']],
  ['https://web.archive.example/1/https://example.com/', ['https://web.archive.example/1/https://example.com/']],
  ['│ https://example.com/cell│', ['https://example.com/cell']],
  ['参照：https://example.com/x。', ['https://example.com/x']],
  ['javascript:alert(1) data:text/html,x ftp://example.com file:///etc/passwd https:// http:///x xhttps://y', []],
])('addresses in %j', (text, expected) => {
  expect(found(text)).toEqual(expected);
});

test('only addresses of http and https are URLs of the web', () => {
  expect(webUrl('https://example.com/a b')).toBe('https://example.com/a%20b');
  for (const url of [
    'javascript:alert(1)',
    'JaVaScRiPt:x//https://a',
    'java\tscript:x',
    ' javascript:x',
    'data:,x',
    '/path',
    '//example.com',
    'https:',
    '',
  ])
    expect(webUrl(url)).toBeNull();
});
