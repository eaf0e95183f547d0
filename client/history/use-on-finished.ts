import { useEffect, useEffectEvent, useRef } from 'react';
import { useActivity } from '#client/runs/use-activity.ts';
import { useDebounced } from '#client/ui/use-debounced.ts';
import type { RunSummary } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';

/** Calls back once runs that are `relevant` have ended, as the feed tells; runs that end together make one call. */
export function useOnFinished(relevant: (run: RunSummary) => boolean, onFinished: () => void) {
  const { runs } = useActivity();
  let last = 0;
  for (const run of runs.values()) {
    if (run.activitySeq > last && isTerminal(run.status) && relevant(run)) last = run.activitySeq;
  }
  const settled = useDebounced(last, 300);
  const told = useRef(settled);
  const tell = useEffectEvent(onFinished);
  useEffect(() => {
    if (settled === told.current) return;
    told.current = settled;
    tell();
  }, [settled]);
}
