import { useEffect, useEffectEvent, useRef } from 'react';
import { useActivity } from '#client/runs/activity/use-activity.ts';
import type { RunSummary } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';

const delayMs = 1_000;

/**
 * Calls back when there may be new results: `relevant` runs that have ended, and those of jobs, whose tests end one by
 * one, whenever the feed tells of them. At most once a second.
 */
export function useOnResults(relevant: (run: RunSummary) => boolean, onResults: () => void) {
  const { runs } = useActivity();
  let last = 0;
  for (const run of runs.values()) {
    if (run.activitySeq > last && (run.kind === 'job' || isTerminal(run.status)) && relevant(run))
      last = run.activitySeq;
  }
  const told = useRef(last);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const tell = useEffectEvent(() => {
    timer.current = undefined;
    told.current = last;
    onResults();
  });
  useEffect(() => {
    if (last !== told.current) timer.current ??= setTimeout(tell, delayMs);
  }, [last]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
}
