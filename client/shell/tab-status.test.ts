import { expect, test } from 'vitest';
import type { RunSummary } from '#shared/events.ts';
import type { RunStatus } from '#shared/run-status.ts';
import { noActivity } from '#client/runs/activity/activity.ts';
import { tabStatus } from './tab-status.ts';

const activity = (...statuses: RunStatus[]) => ({
  ...noActivity,
  runs: new Map(
    statuses.map((status, index) => [`run-${index}`, { id: `run-${index}`, status, activitySeq: index } as RunSummary]),
  ),
});

test('the icon of a tab with a run shows its status; the title of its page has it already', () => {
  const of = (status: RunStatus) => tabStatus(activity(status, 'running'), 'run-0', null);
  expect([of('queued'), of('running'), of('passed'), of('failed'), of('timed_out'), of('cancelled')]).toEqual(
    ['idle', 'running', 'passed', 'failed', 'failed', 'idle'].map((icon) => ({ icon, titlePrefix: '' })),
  );
});

test('on other pages, icon and title show the number of running runs', () => {
  expect(tabStatus(activity('passed', 'queued'), undefined, null)).toEqual({ icon: 'idle', titlePrefix: '' });
  expect(tabStatus(activity('running', 'failed', 'running'), undefined, null)).toEqual({
    icon: 'running',
    titlePrefix: '2 running',
  });
});

test('a hidden tab shows the number of runs that have failed since', () => {
  const runs = activity('failed', 'passed', 'error', 'cancelled', 'running');
  expect(tabStatus(runs, undefined, 0)).toEqual({ icon: 'failed', titlePrefix: '1 failed' });
  expect(tabStatus(runs, undefined, 2)).toEqual({ icon: 'running', titlePrefix: '1 running' });
});
