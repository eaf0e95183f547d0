import { useQueryClient } from '@tanstack/react-query';
import { toast } from '#client/ui/toast.ts';
import { type ApiError, errorText } from '#client/query/api-error.ts';
import { api } from '#client/query/trpc.ts';
import { watchRun } from '#client/runs/activity/activity.ts';
import { updateActivity } from '#client/runs/activity/use-activity.ts';
import { useAnnounceRuns } from '#client/runs/activity/use-announce-runs.ts';

/** Starts runs and retries. Each run started here is watched, so that its end is announced on any page. */
export function useStartRun() {
  const queryClient = useQueryClient();
  const utils = api.useUtils();
  const announce = useAnnounceRuns();
  const handlers = {
    onSuccess: ({ runId }: { runId: string }) => {
      announce(updateActivity(queryClient, (activity) => watchRun(activity, runId)));
      void utils.runs.list.invalidate();
      void utils.queue.invalidate();
    },
    onError: (error: ApiError) => void toast.error('The run was not started', { description: errorText(error) }),
  };
  return {
    test: api.tests.run.useMutation(handlers),
    suite: api.suites.run.useMutation(handlers),
    job: api.jobs.run.useMutation(handlers),
    repeat: api.cases.repeat.useMutation(handlers),
    retry: api.runs.retry.useMutation(handlers),
  };
}
