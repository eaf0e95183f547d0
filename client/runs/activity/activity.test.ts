import { describe, expect, test } from 'vitest';
import type { RunSummary } from '#shared/events.ts';
import { applyActivity, lastRunOf, mergeRuns, newerRun, noActivity, watchRun } from './activity.ts';

function summary(change: Partial<RunSummary>): RunSummary {
  return {
    id: 'run-1',
    kind: 'test',
    name: 'a test',
    testId: 'test-1',
    jobId: null,
    status: 'running',
    version: 2,
    activitySeq: 2,
    trigger: 'manual',
    triggeredBy: null,
    retryOf: null,
    partial: false,
    repeatedCaseId: null,
    repeats: null,
    queuedAt: '2026-01-01T00:00:00.000Z',
    startedAt: null,
    completedAt: null,
    duration: null,
    cancelRequestedBy: null,
    errorCode: null,
    errorDetails: null,
    reportPath: null,
    total: 1,
    passed: 0,
    failed: 0,
    skipped: 0,
    notRun: 0,
    quarantined: 0,
    flaky: 0,
    suiteId: null,
    origin: 'worker',
    branch: null,
    commitSha: null,
    commitMessage: null,
    author: null,
    pullRequest: null,
    buildUrl: null,
    ...change,
  };
}

const running = summary({});
const passed = summary({ status: 'passed', version: 3 });
const everything = () => true;

describe('applyActivity', () => {
  test('announces a run that was seen running, once, however often its end is replayed', () => {
    const first = applyActivity(noActivity, [running]);
    const second = applyActivity(first.activity, [passed]);
    const replay = applyActivity(second.activity, [running, passed, passed]);
    expect([first, second, replay].map((change) => change.finished)).toEqual([[], [passed], []]);
  });

  test('announces a run when its beginning and its end arrive together', () => {
    expect(applyActivity(noActivity, [running, passed]).finished).toEqual([passed]);
  });

  test('does not announce a run that was over when the feed first named it', () => {
    expect(applyActivity(noActivity, [passed]).finished).toEqual([]);
  });

  test('does not let an older version undo a newer one', () => {
    const { activity } = applyActivity(noActivity, [passed, running]);
    expect(activity.runs.get(running.id)).toEqual(passed);
  });
});

test('a page that is open for long holds a bounded number of runs, and every run that is not over', () => {
  const over = Array.from({ length: 3_000 }, (_, index) => summary({ id: `over-${index}`, status: 'passed' }));
  const { activity } = applyActivity(noActivity, [running, ...over]);
  expect(activity.runs.size).toBe(1_000);
  expect(activity.runs.has(running.id)).toBe(true);
  expect(activity.runs.has('over-2999')).toBe(true);
});

describe('watchRun', () => {
  test('announces a run started here that was over before the feed or the answer arrived', () => {
    const heard = applyActivity(noActivity, [passed]).activity;
    expect(watchRun(heard, passed.id).finished).toEqual([passed]);
    const started = watchRun(noActivity, passed.id).activity;
    expect(applyActivity(started, [passed]).finished).toEqual([passed]);
  });

  test('does not announce a run twice when its end arrives before the answer to its start', () => {
    const { activity } = applyActivity(noActivity, [running, passed]);
    expect(watchRun(activity, passed.id).finished).toEqual([]);
  });
});

test('a run with the whole text of its error keeps it when a newer summary arrives', () => {
  const known = summary({ errorDetails: 'first line\nsecond line' });
  const newest = summary({ status: 'failed', version: 3, errorDetails: 'first line' });
  expect(newerRun(known, newest)).toMatchObject({ status: 'failed', errorDetails: 'first line\nsecond line' });
  expect(newerRun(passed, running)).toBe(passed);
});

describe('mergeRuns', () => {
  const run = (id: string, change: Partial<RunSummary> = {}) => summary({ id, ...change });
  const ids = (runs: RunSummary[]) => runs.map(({ id }) => id);

  test('puts new runs on top and takes newer states of listed ones', () => {
    const { activity } = applyActivity(noActivity, [run('c'), run('a', { status: 'passed', version: 3 })]);
    const merged = mergeRuns([run('b'), run('a')], activity, everything, true);
    expect(ids(merged)).toEqual(['c', 'b', 'a']);
    expect(merged[2]?.status).toBe('passed');
  });

  test('leaves out runs that no longer belong', () => {
    const { activity } = applyActivity(noActivity, [run('a', { status: 'passed', version: 3 })]);
    expect(mergeRuns([run('a')], activity, ({ status }) => status === 'running', true)).toEqual([]);
  });

  test('leaves out runs of a page that is not fetched yet', () => {
    const { activity } = applyActivity(noActivity, [run('a')]);
    expect(ids(mergeRuns([run('b')], activity, everything, false))).toEqual(['b']);
    expect(ids(mergeRuns([run('b')], activity, everything, true))).toEqual(['b', 'a']);
  });

  test('finds the last run of a test among fetched runs and in the feed', () => {
    const { activity } = applyActivity(noActivity, [run('b'), run('c', { testId: 'test-2' })]);
    expect(lastRunOf(run('a'), activity, ({ testId }) => testId === 'test-1')?.id).toBe('b');
    expect(lastRunOf(null, noActivity, everything)).toBeNull();
  });
});
