import { expect, test } from 'vitest';
import { piecesOf } from './text-pieces.ts';

const none = { text: '', current: null };
const brief = (text: string, wanted = '', current: number | null = null, longest?: number) =>
  piecesOf(text, { text: wanted, current }, longest).pieces.map(({ text, color, link, mark }) => [
    text,
    color,
    link,
    mark,
  ]);

test('colours, links and matches combine, whatever ends where', () => {
  expect(brief('see https://exam\x1b[31mple.com/abc, ok', 'com/ab', 0)).toEqual([
    ['see ', null, null, null],
    ['https://exam', null, 'https://example.com/abc', null],
    ['ple.', 'red', 'https://example.com/abc', null],
    ['com/ab', 'red', 'https://example.com/abc', 'current'],
    ['c', 'red', 'https://example.com/abc', null],
    [', ok', 'red', null, null],
  ]);
});

test('a terminal link leads to http and https only, and keeps its text', () => {
  const link = (url: string, end = '\x07') => `\x1b]8;id=1;${url}${end}the \x1b[1mdocs\x1b]8;;${end}.`;
  expect(brief(link('https://example.com/docs', '\x1b\\'))).toEqual([
    ['the ', null, 'https://example.com/docs', null],
    ['docs', null, 'https://example.com/docs', null],
    ['.', null, null, null],
  ]);
  for (const url of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'vbscript:x'])
    expect(brief(link(url)).map(([, , href]) => href)).toEqual([null, null, null]);
});

test('a match across styles is marked, and one after letters that grow in lower case, in its place', () => {
  expect(brief('a\x1b[31mb\x1b[0mc', 'ABC', 0).map(([text, , , mark]) => [text, mark])).toEqual([
    ['a', 'current'],
    ['b', 'current'],
    ['c', 'current'],
  ]);
  expect(brief('İİ needle', 'needle').at(-1)).toEqual(['needle', null, null, 'match']);
  expect(brief('aİb', 'İ').map(([text]) => text)).toEqual(['a', 'İ', 'b']);
  expect(brief('x'.repeat(3), 'x', 1).map(([, , , mark]) => mark)).toEqual(['match', 'current', 'match']);
});

test('a long text shows its first characters, or those around the current match', () => {
  const text = `\x1b[31m${'x'.repeat(5_000)}\x1b[0m needle ${'y'.repeat(5_000)} end`;
  const first = piecesOf(text, none, 4_000);
  expect([first.before, first.after, first.pieces[0]?.text.length]).toEqual([0, 6_012, 4_000]);
  for (const [wanted, after] of [
    ['needle', 3_012],
    ['end', 0],
  ] as const) {
    const { pieces, ...around } = piecesOf(text, { text: wanted, current: 0 }, 4_000);
    expect(pieces.find(({ mark }) => mark === 'current')?.text).toBe(wanted);
    expect(around.before + around.after).toBe(10_012 - 4_000);
    expect(Math.abs(around.after - after)).toBeLessThan(10);
  }
  // At the cut itself.
  const atCut = piecesOf(`${'x'.repeat(3_997)}needle${'x'.repeat(100)}`, { text: 'needle', current: 0 }, 4_000);
  expect(atCut.pieces.find(({ mark }) => mark)?.text).toBe('needle');
  // A pair of surrogates is not cut.
  expect(piecesOf(`${'x'.repeat(3)}😀😀`, none, 4).pieces[0]?.text).toBe('xxx');
});

test('an address that is cut leads to where the whole one does', () => {
  const { pieces } = piecesOf(`${'x'.repeat(90)} https://example.com/path ${'y'.repeat(90)}`, none, 100);
  expect(pieces.at(-1)).toMatchObject({ text: 'https://e', link: 'https://example.com/path' });
});
