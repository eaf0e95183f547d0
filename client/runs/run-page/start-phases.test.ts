import { expect, test } from 'vitest';
import type { PartState } from '#shared/run-cases.ts';
import { applyChanges, isStarting, unknownCases } from '#client/runs/case-data/run-cases.ts';
import { startPhases } from './start-phases.ts';

const time = (second: number) => `2026-03-10T12:00:0${second}.000Z`;

function part(of: Partial<PartState> = {}): PartState {
  return {
    part: 0,
    status: 'running',
    total: 2,
    firstIndex: 0,
    casesHash: null,
    executor: 'worker-1',
    startedAt: time(1),
    completedAt: null,
    heartbeatAt: null,
    ...of,
  };
}

function starting(parts: PartState[], states: Parameters<typeof applyChanges>[1]['cases'] = []) {
  const total = parts.reduce((sum, it) => sum + it.total, 0);
  const counts = { total, passed: 0, failed: 0, skipped: 0, flaky: 0, notRun: 0, quarantined: 0 };
  const cases = applyChanges(unknownCases, { version: 1, status: 'running', counts, parts, cases: states });
  const phases = startPhases({ queuedAt: time(0), startedAt: parts[0]?.startedAt ?? null }, cases);
  return { isStarting: isStarting(cases), phases: phases.map(({ name, begun, ended }) => [name, begun, ended]) };
}

test('each phase lasts until the next one begins', () => {
  const phases = [
    { phase: 'sandbox', at: time(1) },
    { phase: 'compile', at: time(2) },
  ] as const;
  expect(starting([part({ phases: [...phases] })])).toEqual({
    isStarting: true,
    phases: [
      ['Queued', time(0), time(1)],
      ['Sandbox', time(1), time(2)],
      ['Compile', time(2), null],
      ['Browser', null, null],
      ['First test', null, null],
    ],
  });
});

test('of several parts, the one next to its first test counts; the start is over with the first test', () => {
  const installs = part({ phases: [{ phase: 'install', at: time(1) }] });
  const browser = part({ part: 1, firstIndex: 2, phases: [{ phase: 'browser', at: time(3) }] });
  expect(starting([installs, browser])).toMatchObject({
    isStarting: true,
    phases: [
      ['Queued', time(0), time(3)],
      ['Browser', time(3), null],
      ['First test', null, null],
    ],
  });
  expect(starting([installs, browser], [[2, 'running', 0, null, '']]).isStarting).toBe(false);
});

test('a reporter that runs elsewhere reports no phases: the start is over with its first test', () => {
  const reported = part({ phases: [], casesHash: 'a' });
  expect(starting([reported])).toMatchObject({
    isStarting: true,
    phases: [
      ['Queued', time(0), time(1)],
      ['Preparing', time(1), undefined],
      ['Tests listed', time(1), undefined],
      ['First test', null, null],
    ],
  });
  expect(starting([reported], [[0, 'running', 0, null, '']]).isStarting).toBe(false);
});
