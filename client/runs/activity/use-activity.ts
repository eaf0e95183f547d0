import { skipToken, useQuery, type QueryClient } from '@tanstack/react-query';
import type { RunSummary } from '#shared/events.ts';
import { noActivity, type Activity } from './activity.ts';

const activityKey = ['activity'];

/** The project's runs as the feed (`useLiveActivity`) has reported them. */
export function useActivity(): Activity {
  return useQuery<Activity>({ queryKey: activityKey, queryFn: skipToken }).data ?? noActivity;
}

/** The feed's newest state of one run, once the feed has named it. */
export function useNewestRun(runId: string): RunSummary | undefined {
  return useActivity().runs.get(runId);
}

/** Changes the activity in the cache, where it stays until the page is closed. Returns the runs that just ended. */
export function updateActivity(
  queryClient: QueryClient,
  change: (activity: Activity) => { activity: Activity; finished: RunSummary[] },
): RunSummary[] {
  const { activity, finished } = change(queryClient.getQueryData<Activity>(activityKey) ?? noActivity);
  queryClient.setQueryDefaults(activityKey, { gcTime: Infinity, staleTime: Infinity, structuralSharing: false });
  queryClient.setQueryData(activityKey, activity);
  return finished;
}
