import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useState } from 'react';
import { plural } from '#client/ui/format.ts';
import type { RunCases } from '#client/runs/case-data/run-cases.ts';
import type { RunPageSearch } from './run-page-search.ts';

/**
 * How the run is shown, as it stands in the address, and a function that changes it. A case or an attempt that the run lacks is dropped,
 * and `gone` says so until something else is shown.
 */
export function useRunView(cases: RunCases) {
  // The page stands at an address of members and at one of guests.
  const search = useSearch({ strict: false }) as RunPageSearch;
  const navigate = useNavigate();
  const [gone, setGone] = useState<string>();
  const show = useCallback(
    (change: RunPageSearch) => {
      setGone(undefined);
      void navigate({
        to: '.',
        search: (now: RunPageSearch) => ({ ...now, ...change }),
        // A case is a step of its own in the browser's history: on a phone it is a page.
        replace: !('case' in change) || change.case === search.case,
        resetScroll: false,
      });
    },
    [navigate, search.case],
  );

  const { case: index, attempt } = search;
  const isKnown = cases.version > 0;
  const count = cases.states.length;
  const isMissing = isKnown && index !== undefined && index >= count;
  const attempts = (index === undefined ? undefined : cases.states[index]?.[2]) ?? 0;
  const hasNoAttempt = isKnown && attempt !== undefined && attempt > attempts + 1;
  useEffect(() => {
    const without = { attempt: undefined, step: undefined, line: undefined };
    if (isMissing) {
      setGone(`This run has no test ${index + 1}: it has ${plural(count, 'test')}.`);
      void navigate({
        to: '.',
        search: (now: RunPageSearch) => ({ ...now, ...without, case: undefined }),
        replace: true,
      });
    } else if (hasNoAttempt) {
      setGone(`The test has no attempt ${attempt}: it has ${attempts + 1}.`);
      void navigate({ to: '.', search: (now: RunPageSearch) => ({ ...now, ...without }), replace: true });
    }
    // The counts are those at that time.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [isMissing, hasNoAttempt, navigate]);

  return { view: isMissing ? { ...search, case: undefined } : search, show, gone };
}

/** The address of a run as it is shown after a change. */
export function viewAddress(view: RunPageSearch, change: RunPageSearch): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries({ ...view, ...change }))
    if (value !== undefined) params.set(key, String(value));
  return `?${params}`;
}
