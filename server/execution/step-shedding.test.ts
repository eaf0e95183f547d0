import { expect, test } from 'vitest';
import type { RunEventBody } from '#shared/events.ts';
import { createStepShedding } from './step-shedding.ts';

const step = (id: string, status: 'running' | 'passed', category = 'expect') =>
  ({
    type: 'step',
    position: 0,
    id,
    parentId: null,
    category,
    title: '',
    status,
    duration: null,
    error: null,
  }) satisfies RunEventBody;

test('steps that begin while too much waits are left out with their ends, and nothing else is', () => {
  const shedding = createStepShedding(10);
  expect(shedding.sheds(step('a', 'running'), 9)).toBe(false);
  expect(shedding.sheds(step('b', 'running'), 10)).toBe(true);
  expect(shedding.sheds(step('attempt', 'running', 'case'), 10)).toBe(false);
  expect(shedding.sheds({ type: 'log', stream: 'stdout', text: '' }, 10)).toBe(false);
  expect(shedding.sheds(step('a', 'passed'), 10)).toBe(false);
  expect(shedding.sheds(step('b', 'passed'), 0)).toBe(true);
  expect(shedding.describe()).toBe('Steps left out: 1. The run reported them faster than they could be written.\n');
});
