import { history, undo } from '@codemirror/commands';
import { EditorState, type TransactionSpec } from '@codemirror/state';
import { expect, test } from 'vitest';
import { keepLineEnds, replaceText, textOf } from './kept-line-ends.ts';

const open = (text: string) => EditorState.create({ doc: text, extensions: [history(), keepLineEnds(text)] });
const edited = (state: EditorState, ...changes: TransactionSpec[]) =>
  changes.reduce((now, change) => now.update(change).state, state);
const texts = ['', 'a', 'a\nb\n', 'a\r\nb\r\n', 'a\rb\rc', 'a\r\nb\nc\rd\r\n\r\ne\n\re', '\r\r\n\n'];

test('a text that is only opened has the line ends it had', () => {
  for (const text of texts) expect(textOf(open(text))).toBe(text);
});

test('an edit leaves other line ends alone, and a new line ends as most others do', () => {
  const mixed = open('one\r\ntwo\nthree\r\nfour');
  expect(mixed.doc.lines).toBe(4);
  expect(textOf(edited(mixed, { changes: { from: 7, insert: '!' } }))).toBe('one\r\ntwo!\nthree\r\nfour');
  expect(textOf(edited(mixed, { changes: { from: 0, insert: 'zero\n' } }))).toBe('zero\r\none\r\ntwo\nthree\r\nfour');
  expect(textOf(edited(mixed, { changes: { from: 18, insert: '\n\n' } }))).toBe('one\r\ntwo\nthree\r\nfour\r\n\r\n');
  expect(textOf(edited(mixed, { changes: { from: 3, to: 8 } }))).toBe('onethree\r\nfour');
  const two = [
    { from: 0, to: 4, insert: 'a\nb' },
    { from: 13, to: 14 },
  ];
  expect(textOf(edited(mixed, { changes: two }))).toBe('a\r\nbtwo\nthreefour');
  expect(textOf(edited(open('a\rb'), { changes: { from: 3, insert: '\nc' } }))).toBe('a\rb\rc');
  expect(textOf(edited(open('a'), { changes: { from: 1, insert: '\r\nb' } }))).toBe('a\nb');
});

test('an edit that is undone leaves the text as it was', () => {
  let state = edited(open('one\r\ntwo\r\nthree'), { changes: { from: 0, to: 8, insert: 'x' } });
  expect(textOf(state)).toBe('xthree');
  undo({ state, dispatch: (transaction) => (state = transaction.state) });
  expect(textOf(state)).toBe('one\r\ntwo\r\nthree');
});

test('another text brings its own line ends', () => {
  for (const text of texts) {
    const state = open('a\nb\r\nc');
    expect(textOf(edited(state, replaceText(state, text)))).toBe(text);
  }
});
