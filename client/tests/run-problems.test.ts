import { expect, test } from 'vitest';
import { appendEvents, emptyLog } from '#client/runs/log/run-log.ts';
import type { RunEvent, TestError } from '#shared/events.ts';
import { problemsOf, runningLine } from './run-problems.ts';

function step(seq: number, step: Partial<Extract<RunEvent, { type: 'step' }>>): RunEvent {
  return {
    seq,
    at: '2026-01-01T00:00:00.000Z',
    type: 'step',
    position: 0,
    id: `${seq}`,
    parentId: null,
    category: 'case',
    title: 'x',
    status: 'failed',
    duration: null,
    error: null,
    ...step,
  };
}
const at = (line: number, message: string): TestError => ({ message, line });

test('each failed case has a problem at its line, and the first one is listed once', () => {
  const cases = [
    { error: at(9, '\x1b[31mlater\x1b[0m') },
    { error: at(4, 'sooner') },
    { error: { message: 'somewhere else' } },
    { error: null },
  ];
  expect(problemsOf(at(4, 'sooner'), cases)).toEqual([
    { line: 4, message: 'sooner' },
    { line: 9, message: 'later' },
  ]);
  expect(problemsOf(at(2, 'does not load'), [])).toEqual([{ line: 2, message: 'does not load' }]);
  expect(problemsOf(null, [])).toEqual([]);
});

test('a run is at the line of its newest step that is under way', () => {
  const log = appendEvents(emptyLog, [
    step(1, { status: 'running', line: 3 }),
    step(2, { status: 'running', line: 5 }),
    step(3, { status: 'passed', line: 7 }),
    step(4, { status: 'running' }),
  ]);
  expect(runningLine(log)).toBe(5);
  expect(runningLine(emptyLog)).toBeNull();
});
