import { expect, test } from 'vitest';
import { createLineSearch } from './line-search.ts';
import { editLines, noLines, type LogLines } from './log-lines.ts';

function write(lines: LogLines, texts: string[]) {
  const edit = editLines(lines);
  for (const text of texts) edit.push({ text, stream: 'stdout' });
  return edit.done();
}

test('lines are found in any letter case and despite colours, and so are lines added later', () => {
  const search = createLineSearch();
  const lines = write(noLines, ['One', 'two', '\x1b[31mO\x1b[0mne more', 'thr']);
  expect(search(lines, 'one')).toEqual([0, 2]);
  const edit = editLines(lines);
  edit.replaceLast({ text: 'three is one', stream: 'stdout' });
  expect(search(write(edit.done(), ['none', 'four']), 'one')).toEqual([0, 2, 3, 4]);
  expect(search(lines, 'two')).toEqual([1]);
  expect(search(lines, '')).toEqual([]);
});
