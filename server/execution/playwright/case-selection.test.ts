import { expect, test } from 'vitest';
import { listedCase } from '#server/testing/played-cases.ts';
import { CaseSelection } from './case-selection.ts';

const chosen = (title: string, project = '') => ({ project, title });

test('chosen cases are found by script, project and all their titles; a script without a choice runs whole', () => {
  const selection = new CaseSelection([
    { cases: [chosen('cart › pays', 'tablet'), chosen('pays')] },
    null,
    { cases: [chosen('pays')] },
  ]);
  selection.add([
    listedCase('pays'),
    listedCase('cart › pays'),
    listedCase('cart › pays', { project: 'tablet' }),
    listedCase('pays twice'),
    listedCase('anything', { position: 1 }),
  ]);
  selection.add([listedCase('pays', { position: 2 }), listedCase('cart › pays', { position: 2, project: 'tablet' })]);
  expect(selection.choose()).toEqual([0, 2, 4, 5]);
  expect(selection.describeMissing()).toBeUndefined();
});

test('all cases that begin in a line are found, and a line in which none begins is named', () => {
  const inLine = (title: string, line: number | null, position = 0) => listedCase(title, { line, position });
  const selection = new CaseSelection([
    { cases: [], line: 7 },
    { cases: [], line: 3 },
  ]);
  selection.add([inLine('row 1', 7), inLine('row 2', 7), inLine('other', 9), inLine('without line', null)]);
  selection.add([inLine('row 1', 7, 1), inLine('first', 3, 1)]);
  expect(selection.choose()).toEqual([0, 1, 5]);
  expect(selection.describeMissing()).toBeUndefined();

  const moved = new CaseSelection([{ cases: [], line: 8 }]);
  moved.add([inLine('row 1', 7)]);
  expect(moved.choose()).toEqual([]);
  expect(moved.describeMissing()).toBe('No test begins in line 8 of the script. Run all of it.');
});

test('cases that are gone are counted, and one of them is named', () => {
  const selection = new CaseSelection([{ cases: [chosen('at 12:01'), chosen('pays'), chosen('at 12:02')] }]);
  selection.add([listedCase('at 12:07'), listedCase('pays')]);
  expect(selection.choose()).toEqual([1]);
  expect(selection.describeMissing()).toMatch(
    /^2 of 3 chosen cases are not in the script any more, such as "at 12:01"/,
  );
});
