import { expect, test } from 'vitest';
import { addressOfLine, entryOfAddress, indexOfAddress } from './log-entry.ts';
import { editLines, lineAt, noLines } from './log-lines.ts';

const edit = editLines(noLines);
for (const [seq, part] of [[3], [5], [5, 1], [5, 2], [9]] as const)
  edit.push({ text: '', stream: 'stdout', seq, ...(part !== undefined && { part }) });
const lines = edit.done();

test('every line is found by its address', () => {
  for (let index = 0; index < lines.total; index += 1)
    expect(indexOfAddress(lines, addressOfLine(lineAt(lines, index)!)!)).toBe(index);
  expect(entryOfAddress('5-2')).toBe(5);
});

test('an address that no line has leads to the last line before it, if one is loaded', () => {
  expect(['1', '4', '5-7', '12'].map((address) => indexOfAddress(lines, address))).toEqual([-1, 0, 3, 4]);
});
