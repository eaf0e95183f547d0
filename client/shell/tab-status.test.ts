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

test('a tab tells of the run that it shows, whose page has its status in the title', () => {
  const of = (status: RunStatus) => tabStatus(activity(status, 'running'), 'run-0', null);
  expect([of('queued'), of('running'), of('passed'), of('failed'), of('timed_out'), of('cancelled')]).toEqual(
    ['idle', 'running', 'passed', 'failed', 'failed', 'idle'].map((icon) => ({ icon, titlePrefix: '' })),
  );
});

test('elsewhere it tells how many run', () => {
  expect(tabStatus(activity('passed', 'queued'), undefined, null)).toEqual({ icon: 'idle', titlePrefix: '' });
  expect(tabStatus(activity('running', 'failed', 'running'), undefined, null)).toEqual({
    icon: 'running',
    titlePrefix: '2 running',
  });
});

test('and of what has failed while nobody looked', () => {
  const runs = activity('failed', 'passed', 'error', 'cancelled', 'running');
  expect(tabStatus(runs, undefined, 0)).toEqual({ icon: 'failed', titlePrefix: '1 failed' });
  expect(tabStatus(runs, undefined, 2)).toEqual({ icon: 'running', titlePrefix: '1 running' });
});
