import { useEffect } from 'react';
import { api } from '#client/query/trpc.ts';
import { usePollingInterval } from '#client/live/use-connection.ts';
import { isTerminal } from '#shared/run-status.ts';
import { newerRun } from '#client/runs/activity/activity.ts';
import { useNewestRun } from '#client/runs/activity/use-activity.ts';

/** One run in its newest known state, and the query that fetches it. */
export function useRun(runId: string) {
  const pollingInterval = usePollingInterval();
  const query = api.runs.byId.useQuery(
    { runId },
    { refetchInterval: ({ state }) => !(state.data && isTerminal(state.data.status)) && pollingInterval },
  );
  const newest = useNewestRun(runId);
  const run = query.data && newerRun(query.data, newest);

  // The feed has no tests, no artifacts, no bundle and no whole error; these are read once the run is over, or has fetched its bundle.
  const outdated =
    query.data &&
    newest &&
    newest.version > query.data.version &&
    (isTerminal(newest.status) || newest.commitSha !== query.data.commitSha);
  const { refetch } = query;
  useEffect(() => {
    if (outdated) void refetch();
  }, [outdated, refetch]);

  return { run, query };
}
