import { expect, test } from 'vitest';
import { parseAnsi, stripAnsi } from './ansi.ts';

const look = (text: string) =>
  parseAnsi(text).map(({ text: piece, color, bold, dim }) => ({ piece, color, bold, dim }));

test('colours and weights hold until they are reset', () => {
  expect(look('a \x1b[31;1mred\x1b[0m b \x1b[2mdim\x1b[22m c')).toEqual([
    { piece: 'a ', color: null, bold: false, dim: false },
    { piece: 'red', color: 'red', bold: true, dim: false },
    { piece: ' b ', color: null, bold: false, dim: false },
    { piece: 'dim', color: null, bold: false, dim: true },
    { piece: ' c', color: null, bold: false, dim: false },
  ]);
});

test('bright and numbered colours become the nearest of the eight; others are left out', () => {
  expect(look('\x1b[92ma\x1b[38;5;9mb\x1b[38;5;200mc\x1b[38;2;1;2;3md').map(({ color }) => color)).toEqual([
    'green',
    'red',
    null,
    null,
  ]);
});

test('the arguments of a colour are not read as styles', () => {
  expect(look('\x1b[48;5;1mx\x1b[48;2;1;4;31my')).toEqual([
    { piece: 'x', color: null, bold: false, dim: false },
    { piece: 'y', color: null, bold: false, dim: false },
  ]);
});

test('every other sequence and control character is dropped, and markup stays text', () => {
  expect(stripAnsi('\x1b[2K\x1b[1A\x1b]8;;https://example.com\x07link\x1b]8;;\x07 \x00<b>\x1b[31m&\x1b')).toBe(
    'link <b>&',
  );
});
