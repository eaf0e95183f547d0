import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { ApiError } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import type { RunEvent } from '#shared/events.ts';
import { appendEvents, emptyLog } from './run-log.ts';
import { type Attempt, type Steps, stepsKey } from './use-known-steps.ts';

/** The steps of an attempt in the cache, and a function that adds entries of a stream to them. */
export function useSteps(of: Attempt) {
  const queryClient = useQueryClient();
  const { client } = api.useUtils();
  const { runId, caseIndex, attempt } = of;
  const query = useQuery<Steps, ApiError>({
    queryKey: stepsKey(of),
    queryFn: async () => {
      const { items, head } = await client.runs.steps.query({ runId, caseIndex, attempt });
      return { log: appendEvents(emptyLog, items), head };
    },
    staleTime: Infinity,
    // It would compare thousands of steps at each change.
    structuralSharing: false,
  });
  const append = useCallback(
    (events: readonly RunEvent[]) => {
      const fresh = events.filter(({ type }) => type !== 'log');
      if (fresh.length === 0) return;
      queryClient.setQueryData<Steps>(
        stepsKey({ runId, caseIndex, attempt }),
        (known) => known && { ...known, log: appendEvents(known.log, fresh) },
      );
    },
    [queryClient, runId, caseIndex, attempt],
  );
  return { query, log: query.data?.log ?? emptyLog, head: query.data?.head, append };
}
