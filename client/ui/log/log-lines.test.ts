import { expect, test } from 'vitest';
import { editLines, lineAt, linesFrom, noLines } from './log-lines.ts';

function write(lines = noLines, count: number, from = 0) {
  const edit = editLines(lines);
  for (let n = 0; n < count; n += 1) edit.push({ text: `line ${from + n}`, stream: 'stdout' });
  return edit.done();
}

test('lines are found by their index after any number of changes', () => {
  let lines = noLines;
  for (let from = 0; from < 5_000; from += 700) lines = write(lines, 700, from);
  for (const index of [0, 999, 1_000, 3_456, lines.total - 1]) expect(lineAt(lines, index)?.text).toBe(`line ${index}`);
  expect(lineAt(lines, lines.total)).toBeUndefined();
  expect([...linesFrom(lines, lines.total - 2)].map(([index]) => index)).toEqual([lines.total - 2, lines.total - 1]);
});

test('a change leaves the lines before it as they were, also where a chunk is just full', () => {
  const before = write(noLines, 1_000);
  const edit = editLines(before);
  edit.replaceLast({ text: 'changed', stream: 'stderr' });
  edit.push({ text: 'added', stream: 'stdout' });
  const after = edit.done();
  expect([before.total, lineAt(before, 999)?.text, lineAt(before, 1_000)]).toEqual([1_000, 'line 999', undefined]);
  expect([after.total, lineAt(after, 999)?.text, lineAt(after, 1_000)?.text]).toEqual([1_001, 'changed', 'added']);
});

test('any line is replaced and the last ones are taken away, also across chunks, and the lines before stay', () => {
  const before = write(noLines, 2_001);
  const edit = editLines(before);
  edit.replace(5, { text: 'five', stream: 'stdout' });
  edit.pop();
  edit.pop();
  edit.push({ text: 'new', stream: 'stdout' });
  const after = edit.done();
  expect([after.total, lineAt(after, 5)?.text, lineAt(after, 1_999)?.text]).toEqual([2_000, 'five', 'new']);
  expect([before.total, lineAt(before, 5)?.text, lineAt(before, 1_999)?.text]).toEqual([2_001, 'line 5', 'line 1999']);
  expect(after.chunks).toHaveLength(2);
});

test('of more lines than a page can hold, the newest are held under their own indexes', () => {
  const lines = write(noLines, 500_000);
  expect(lines.total).toBe(500_000);
  expect(lines.total - lines.dropped).toBe(300_000);
  expect(lineAt(lines, 199_999)).toBeUndefined();
  expect(lineAt(lines, 200_000)?.text).toBe('line 200000');
  expect(lineAt(write(lines, 1, 500_000), 500_000)?.text).toBe('line 500000');
});
