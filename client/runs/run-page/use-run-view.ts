import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect } from 'react';
import type { RunCases } from '#client/runs/case-data/run-cases.ts';
import type { RunPageSearch } from './run-page-search.ts';

/** How the run is shown, as it stands in the address, and a function that changes it. A case that the run lacks is dropped. */
export function useRunView(cases: RunCases): { view: RunPageSearch; show: (change: RunPageSearch) => void } {
  // The page stands at an address of members and at one of guests.
  const search = useSearch({ strict: false }) as RunPageSearch;
  const navigate = useNavigate();
  const show = useCallback(
    (change: RunPageSearch) =>
      void navigate({
        to: '.',
        search: (now: RunPageSearch) => ({ ...now, ...change }),
        // A case is a step of its own in the browser's history: on a phone it is a page.
        replace: !('case' in change),
        resetScroll: false,
      }),
    [navigate],
  );

  const { case: index, attempt } = search;
  const isKnown = cases.version > 0;
  const isMissing = isKnown && index !== undefined && index >= cases.states.length;
  const attempts = (index === undefined ? undefined : cases.states[index]?.[2]) ?? 0;
  const hasNoAttempt = isKnown && attempt !== undefined && attempt > attempts + 1;
  useEffect(() => {
    const without = { attempt: undefined, step: undefined, line: undefined };
    if (isMissing)
      void navigate({
        to: '.',
        search: (now: RunPageSearch) => ({ ...now, ...without, case: undefined }),
        replace: true,
      });
    else if (hasNoAttempt)
      void navigate({ to: '.', search: (now: RunPageSearch) => ({ ...now, ...without }), replace: true });
  }, [isMissing, hasNoAttempt, navigate]);

  return { view: isMissing ? { ...search, case: undefined } : search, show };
}

/** The address of a run as it is shown after a change. */
export function viewAddress(view: RunPageSearch, change: RunPageSearch): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries({ ...view, ...change }))
    if (value !== undefined) params.set(key, String(value));
  return `?${params}`;
}
