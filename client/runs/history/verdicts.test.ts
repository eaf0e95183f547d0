import { expect, test } from 'vitest';
import type { RunSummary, Verdict } from '#shared/events.ts';
import { countsText } from './verdict-label.ts';
import { groupRuns, mergeVerdicts, rollingPassRate } from './verdicts.ts';

function verdict(runId: string, status: Verdict['status'], version = 1): Verdict {
  return { runId, status, version, queuedAt: '2026-01-01T00:00:00.000Z', startedAt: null, duration: null };
}
function run(id: string, status: Verdict['status'], version = 1, testId = 't'): RunSummary {
  return { id, kind: 'test', testId, jobId: null, ...verdict(id, status, version) } as unknown as RunSummary;
}
const look = (verdicts: readonly Verdict[]) => verdicts.map(({ runId, status }) => `${runId} ${status}`);

test('the feed adds newer states and new runs on top, but no run older than the fetched ones', () => {
  const fetched = [verdict('4', 'running', 2), verdict('3', 'passed', 3)];
  const runs = [run('1', 'failed', 9), run('5', 'queued'), run('4', 'failed', 3), run('3', 'running', 2)];
  expect(look(mergeVerdicts(fetched, runs))).toEqual(['5 queued', '4 failed', '3 passed']);
  expect(look(mergeVerdicts([], runs))).toHaveLength(4);
});

test('a test that is in a job twice keeps both verdicts', () => {
  const twice = [verdict('2', 'passed'), verdict('2', 'failed'), verdict('1', 'passed')];
  expect(look(mergeVerdicts(twice, [])).toSorted()).toEqual(['1 passed', '2 failed', '2 passed']);
});

test('runs are grouped by their test or job', () => {
  const groups = groupRuns(
    [run('1', 'passed', 1, 'a'), run('2', 'passed', 1, 'b'), run('3', 'failed', 1, 'a')],
    'testId',
  );
  expect(groups.get('a')?.map(({ id }) => id)).toEqual(['1', '3']);
  expect(groupRuns([run('1', 'passed')], 'jobId').size).toBe(0);
});

test('the pass rate at a run is that of the runs just before it', () => {
  const verdicts = (['cancelled', 'passed', 'failed', 'failed', 'passed'] as const).map((it, n) => verdict(`${n}`, it));
  expect(rollingPassRate(verdicts, 2)).toEqual([null, 1, 0.5, 0, 0.5]);
});

test('verdicts are counted by what they say, the most frequent first', () => {
  const verdicts = [verdict('1', 'failed'), verdict('2', 'passed'), verdict('3', 'passed')];
  expect(countsText(verdicts)).toBe('2 passed, 1 failed');
  const ofCase = [
    { status: 'passed', flaky: true },
    { status: 'failed', quarantined: true },
    { status: 'passed', quarantined: true },
    { status: 'passed' },
  ] as const;
  expect(countsText(ofCase)).toBe('2 passed, 1 flaky, 1 failed in quarantine');
});
