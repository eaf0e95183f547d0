import { useEffect } from 'react';
import { api } from '#client/query/trpc.ts';
import { usePollingInterval } from '#client/live/use-connection.ts';
import { isTerminal } from '#shared/run-status.ts';
import { newerRun } from '#client/runs/activity/activity.ts';
import { useNewestRun } from '#client/runs/activity/use-activity.ts';

/** One run in its newest known state, with the query it came from. */
export function useRun(runId: string) {
  const pollingInterval = usePollingInterval();
  const query = api.runs.byId.useQuery(
    { runId },
    { refetchInterval: ({ state }) => !(state.data && isTerminal(state.data.status)) && pollingInterval },
  );
  const newest = useNewestRun(runId);
  const run = query.data && newerRun(query.data, newest);

  // Tests, artifacts and the whole error of a finished run are not in the feed.
  const outdated = query.data && newest && newest.version > query.data.version && isTerminal(newest.status);
  const { refetch } = query;
  useEffect(() => {
    if (outdated) void refetch();
  }, [outdated, refetch]);

  return { run, query };
}
