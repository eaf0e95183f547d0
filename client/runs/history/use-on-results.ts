import { useEffect, useEffectEvent, useRef } from 'react';
import { useActivity } from '#client/runs/activity/use-activity.ts';
import type { RunSummary } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';

/**
 * Calls `onResults`, at most once in `delayMs`, when the feed names a `relevant` run that can have new results: a run that has
 * ended, or any run of a job, since its tests end one by one.
 */
export function useOnResults(relevant: (run: RunSummary) => boolean, onResults: () => void, delayMs = 1_000) {
  const { runs } = useActivity();
  let last = 0;
  for (const run of runs.values()) {
    if (run.activitySeq > last && (run.kind === 'job' || isTerminal(run.status)) && relevant(run))
      last = run.activitySeq;
  }
  const reported = useRef(last);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const report = useEffectEvent(() => {
    timer.current = undefined;
    reported.current = last;
    onResults();
  });
  useEffect(() => {
    if (last !== reported.current) timer.current ??= setTimeout(report, delayMs);
  }, [last, delayMs]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
}
