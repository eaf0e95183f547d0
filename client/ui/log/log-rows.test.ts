import { expect, test } from 'vitest';
import { editLines, noLines } from './log-lines.ts';
import { groupLines, rowOfLine } from './log-rows.ts';

function write(cases: number[]) {
  const edit = editLines(noLines);
  for (const [seq, caseIndex] of cases.entries()) edit.push({ text: `${seq}`, stream: 'stdout', caseIndex, seq });
  return edit.done();
}
const keyOf = ({ caseIndex }: { caseIndex?: number }) => String(caseIndex);

test('each change of the case begins a group, and a folded one shows its heading alone', () => {
  const lines = write([1, 1, 2, 1]);
  const open = groupLines(lines, keyOf, new Set())!;
  expect(open.rows).toEqual([-1, 0, 1, -2, 2, -3, 3]);
  expect(open.groups.map(({ id, count }) => [id, count])).toEqual([
    ['1@0', 2],
    ['2@2', 1],
    ['1@3', 1],
  ]);
  expect(groupLines(lines, keyOf, new Set(['1@0']))!.rows).toEqual([-1, -2, 2, -3, 3]);
});

test('one group alone has no heading', () => {
  expect(groupLines(write([1, 1]), keyOf, new Set())).toBeUndefined();
  expect(groupLines(noLines, keyOf, new Set())).toBeUndefined();
});

test('a line is found in its row, and a folded one at its heading', () => {
  const lines = write([1, 1, 2, 2, 1, 3]);
  const open = groupLines(lines, keyOf, new Set())!;
  for (let line = 0; line < 6; line += 1) expect(open.rows[rowOfLine(open, line)]).toBe(line);
  const folded = groupLines(lines, keyOf, new Set(['2@2', '3@5']))!;
  expect(folded.rows).toEqual([-1, 0, 1, -2, -3, 4, -4]);
  expect([rowOfLine(folded, 1), rowOfLine(folded, 4)]).toEqual([2, 5]);
  expect(folded.rows[rowOfLine(folded, 2)]).toBe(-2);
  expect(folded.rows[rowOfLine(folded, 3)]).toBe(-2);
  expect(folded.rows[rowOfLine(folded, 5)]).toBe(-4);
});
