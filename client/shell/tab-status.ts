import type { Activity } from '#client/runs/activity/activity.ts';
import { isFailure, isSuccess, type RunStatus } from '#shared/run-status.ts';

/** The icon of the browser's tab. */
export type TabIcon = 'idle' | 'running' | 'passed' | 'failed';

export interface TabStatus {
  icon: TabIcon;
  /** Text before the page's title; can be empty. */
  titlePrefix: string;
}

/**
 * Icon and title prefix of the browser's tab: for the run that the page shows, otherwise for all runs. `unseenSince`: the
 * newest `activitySeq` when the page was hidden; null while it is visible.
 */
export function tabStatus(activity: Activity, shownRunId: string | undefined, unseenSince: number | null): TabStatus {
  const shown = shownRunId === undefined ? undefined : activity.runs.get(shownRunId);
  // The title of a run's page has its status.
  if (shown) return { icon: iconOf(shown.status), titlePrefix: '' };
  let running = 0;
  let failed = 0;
  for (const run of activity.runs.values()) {
    if (run.status === 'running') running += 1;
    if (unseenSince !== null && run.activitySeq > unseenSince && iconOf(run.status) === 'failed') failed += 1;
  }
  if (failed > 0) return { icon: 'failed', titlePrefix: `${failed} failed` };
  if (running > 0) return { icon: 'running', titlePrefix: `${running} running` };
  return { icon: 'idle', titlePrefix: '' };
}

function iconOf(status: RunStatus): TabIcon {
  if (isFailure(status)) return 'failed';
  if (isSuccess(status)) return 'passed';
  return status === 'running' ? 'running' : 'idle';
}
