import { useEffect, useRef } from 'react';
import { api } from '#client/query/trpc.ts';
import type { CaseState } from '#shared/run-cases.ts';

/** A case of a run with all that is known of it, read again whenever its state changes, and when the run is over. */
export function useCase(runId: string, index: number, state: CaseState | undefined, live: boolean) {
  const query = api.runs.case.useQuery({ runId, index }, { staleTime: Infinity });
  const { data, refetch } = query;
  const [, status, attempt, duration] = state ?? [];
  const isOutdated =
    data !== undefined &&
    state !== undefined &&
    (data.status !== status || data.attempt !== attempt || data.duration !== duration);
  useEffect(() => {
    if (isOutdated) void refetch();
  }, [isOutdated, status, attempt, duration, refetch]);
  // Files are kept when the run is over. One that is over at first has been read with them.
  const wasLive = useRef(live);
  useEffect(() => {
    if (wasLive.current && !live) void refetch();
    wasLive.current = live;
  }, [live, refetch]);
  return query;
}
