import { useQueries, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ApiError } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { usePollingInterval } from '#client/live/use-connection.ts';
import type { CaseChanges } from '#shared/run-cases.ts';
import { isTerminal } from '#shared/run-status.ts';
import { type CaseList, listCases, type Manifest, noCases } from './case-list.ts';
import { applyChanges, type RunCases, unknownCases } from './run-cases.ts';

export interface LiveCases {
  cases: RunCases;
  list: CaseList;
  error: ApiError | null;
  refetch: () => unknown;
  /** The server refused the stream; `reconnect` tries again. */
  lost: boolean;
  reconnect: () => void;
}

/**
 * The states of a run's cases and what they are. While the run goes on, one stream keeps the states current, and the run itself in
 * the cache of `runs.byId`.
 */
export function useRunCases(runId: string): LiveCases {
  const queryClient = useQueryClient();
  const utils = api.useUtils();
  const queryKey = ['run-cases', runId];
  const pollingInterval = usePollingInterval();
  const query = useQuery<RunCases, ApiError>({
    queryKey,
    queryFn: async () => apply(await utils.client.runs.states.query({ runId })),
    staleTime: Infinity,
    // It would compare thousands of states at each change.
    structuralSharing: false,
    refetchInterval: ({ state }) => !(state.data && isTerminal(state.data.status)) && pollingInterval,
  });
  const apply = (changes: CaseChanges): RunCases =>
    applyChanges(queryClient.getQueryData<RunCases>(queryKey) ?? unknownCases, changes);

  const isOver = query.data !== undefined && isTerminal(query.data.status);
  const isKnown = query.data !== undefined;
  // The stream goes on after what was known when it began.
  const input = useMemo(
    () => ({ runId, lastEventId: isKnown ? String(queryClient.getQueryData<RunCases>(queryKey)?.version) : null }),
    // oxlint-disable-next-line react/exhaustive-deps
    [runId, isKnown],
  );
  const stream = api.runs.onCases.useSubscription(input, {
    enabled: isKnown && !isOver,
    onData: ({ data: changes }) => {
      queryClient.setQueryData<RunCases>(queryKey, apply(changes));
      const { status, version } = changes;
      utils.runs.byId.setData({ runId }, (run) =>
        run && run.version < version ? { ...run, status, version, ...changes.counts } : run,
      );
      // The frame has no artifacts and no error; these are read once the run is over.
      if (isTerminal(status)) void utils.runs.byId.invalidate({ runId });
    },
  });

  const cases = query.data ?? unknownCases;
  return {
    cases,
    list: useCaseList(runId, cases),
    error: query.error,
    refetch: query.refetch,
    lost: stream.status === 'error',
    reconnect: stream.reset,
  };
}

/** Lists are kept by their hashes: runs of the same thing share them. */
function useCaseList(runId: string, { parts }: RunCases): CaseList {
  const { client } = api.useUtils();
  return useQueries({
    queries: parts.map(({ part, casesHash, firstIndex, total }) => ({
      queryKey: ['manifest', casesHash ?? `${runId}:${total}`, part, firstIndex],
      queryFn: () => client.runs.manifest.query({ runId, part }),
      staleTime: Infinity,
      gcTime: 10 * 60_000,
      structuralSharing: false,
    })),
    combine: combineLists,
  });
}

const combineLists = (results: UseQueryResult<Manifest>[]): CaseList =>
  results.length === 0 ? noCases : listCases(results.flatMap(({ data }) => data ?? []));
