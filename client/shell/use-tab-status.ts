import { useRouterState } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useState } from 'react';
import { useActivity } from '#client/runs/activity/use-activity.ts';
import { type TabIcon, tabStatus } from './tab-status.ts';

const icons: Record<TabIcon, string> = {
  idle: '/favicon.svg',
  running: '/favicon-running.svg',
  passed: '/favicon-passed.svg',
  failed: '/favicon-failed.svg',
};

/** Sets the tab's icon, and returns the text before the title of every page. */
export function useTabStatus(): string {
  const activity = useActivity();
  const runId = useRouterState({ select: ({ matches }) => (matches.at(-1)?.params as { runId?: string })?.runId });
  const [unseenSince, setUnseenSince] = useState<number | null>(null);

  const onVisibility = useEffectEvent(() => {
    setUnseenSince(document.hidden ? Math.max(0, ...[...activity.runs.values()].map((run) => run.activitySeq)) : null);
  });
  useEffect(() => {
    const listener = () => onVisibility();
    document.addEventListener('visibilitychange', listener);
    return () => document.removeEventListener('visibilitychange', listener);
  }, []);

  const { icon, titlePrefix } = tabStatus(activity, runId, unseenSince);
  useEffect(() => {
    document.querySelector('link[rel=icon]')?.setAttribute('href', icons[icon]);
  }, [icon]);
  return titlePrefix;
}
