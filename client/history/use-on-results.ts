import { useEffect, useEffectEvent, useRef } from 'react';
import { useActivity } from '#client/runs/use-activity.ts';
import type { RunSummary } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';

const delayMs = 500;

/** Calls back once runs that are `relevant` have ended, as the feed tells; at most twice a second. */
export function useOnFinished(relevant: (run: RunSummary) => boolean, onFinished: () => void) {
  const { runs } = useActivity();
  let last = 0;
  for (const run of runs.values()) {
    if (run.activitySeq > last && isTerminal(run.status) && relevant(run)) last = run.activitySeq;
  }
  const told = useRef(last);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const tell = useEffectEvent(() => {
    timer.current = undefined;
    told.current = last;
    onFinished();
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
