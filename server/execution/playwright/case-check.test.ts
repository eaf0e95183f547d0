import { expect, test } from 'vitest';
import type { RunEventBody } from '#shared/events.ts';
import type { ListedCase } from '#shared/run-cases.ts';
import { CaseCheck } from './case-check.ts';

const listed = (titlePath: string[]): ListedCase => ({
  position: 0,
  project: '',
  file: '',
  titlePath,
  line: null,
  tags: [],
  annotations: [],
});
// The second one stands for a script without cases.
const cases = [listed(['one']), listed([]), listed(['two'])];

const state = (index: number, attempt: number, status: 'running' | 'passed' | 'failed') =>
  ({
    type: 'case',
    index,
    attempt,
    status,
    caseId: '',
    part: 0,
    project: '',
    file: '',
    title: '',
    flaky: false,
    quarantined: false,
    duration: null,
    error: null,
  }) satisfies RunEventBody;

test('a case may begin, fail, begin again, pass, and be corrected', () => {
  const check = new CaseCheck(cases);
  const events = [
    state(0, 0, 'running'),
    state(0, 0, 'failed'),
    state(0, 1, 'running'),
    state(0, 1, 'passed'),
    state(0, 1, 'failed'),
  ];
  expect(events.map((event) => check.accepts(event))).toEqual([true, true, true, true, true]);
  expect(check.describe()).toBeUndefined();
});

test('irregular reports are counted, and those of no case are left out', () => {
  const check = new CaseCheck(cases);
  expect(check.accepts(state(0, 0, 'running'))).toBe(true);
  expect(check.accepts(state(0, 0, 'running'))).toBe(false);
  expect(check.accepts(state(1, 0, 'running'))).toBe(false);
  expect(check.accepts(state(7, 0, 'passed'))).toBe(false);
  expect(check.accepts(state(2, 0, 'passed'))).toBe(true);
  const log = { type: 'log', stream: 'stdout', text: '', position: 0, attempt: 0 } as const;
  expect(check.withKnownCase({ ...log, caseIndex: 7 })).toMatchObject({ position: 0, caseIndex: null, attempt: null });
  expect(check.withKnownCase({ ...log, caseIndex: 0 })).toMatchObject({ caseIndex: 0, attempt: 0 });
  expect(check.describe()).toBe(
    'Playwright sent irregular reports: 3 of unknown cases, 1 of attempts that had begun before, 1 of cases that had not begun.',
  );
});
