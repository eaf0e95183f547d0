import type { Activity } from '#client/runs/activity/activity.ts';
import { isFailure, isSuccess, type RunStatus } from '#shared/run-status.ts';

/** What the icon of the window's tab says. */
export type TabIcon = 'idle' | 'running' | 'passed' | 'failed';

export interface TabStatus {
  icon: TabIcon;
  /** What comes before the page's title; empty when there is nothing to say. */
  titlePrefix: string;
}

/**
 * What a tab tells of itself while others are looked at: of the run that it shows, and else of all. `unseenSince` is the
 * `activitySeq` up to which the user has seen the page, null while they look at it.
 */
export function tabStatus(activity: Activity, shownRunId: string | undefined, unseenSince: number | null): TabStatus {
  const shown = shownRunId === undefined ? undefined : activity.runs.get(shownRunId);
  // The page of a run says its status in its title.
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
