import { expect, test } from 'vitest';
import { createLineSearch } from './line-search.ts';
import { editLines, noLines, type LogLines } from './log-lines.ts';

function write(lines: LogLines, texts: string[]) {
  const edit = editLines(lines);
  for (const text of texts) edit.push({ text, stream: 'stdout' });
  return edit.done();
}

const search = createLineSearch();
function found(lines: LogLines, text: string) {
  const { total, at } = search(lines, text);
  return Array.from({ length: total }, (_, number) => `${at(number)?.line}:${at(number)?.nth}`);
}

test('matches are found in any letter case and despite colours, several in a line, and so are those added later', () => {
  const lines = write(noLines, ['One and one', 'two', '\x1b[31mO\x1b[0mne more', 'thr']);
  expect(found(lines, 'one')).toEqual(['0:0', '0:1', '2:0']);
  const edit = editLines(lines);
  edit.replace(3, { text: 'three is one', stream: 'stdout' });
  edit.replace(0, { text: 'one', stream: 'stdout' });
  expect(found(write(edit.done(), ['none', 'four']), 'one')).toEqual(['0:0', '2:0', '3:0', '4:0']);
  expect(found(lines, 'two')).toEqual(['1:0']);
  expect(found(lines, '')).toEqual([]);
  expect(search(lines, 'one').at(-1)).toBeUndefined();
});

test('matches are found under the index of their line in any chunk, also when the first lines are dropped', () => {
  let lines = write(noLines, ['needle', ...Array<string>(2_500).fill('hay'), 'needle']);
  expect(found(lines, 'needle')).toEqual(['0:0', '2501:0']);
  lines = write(lines, Array<string>(299_000).fill('hay'));
  expect(lines.dropped).toBeGreaterThan(0);
  expect(found(lines, 'needle')).toEqual(['2501:0']);
});
