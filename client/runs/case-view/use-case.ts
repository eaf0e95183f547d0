import { useEffect } from 'react';
import { api } from '#client/query/trpc.ts';
import type { CaseState } from '#shared/run-cases.ts';

/** A case of a run with all that is known of it, read again whenever its state changes. */
export function useCase(runId: string, index: number, state: CaseState | undefined) {
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
  return query;
}
