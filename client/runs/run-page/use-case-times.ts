import { api } from '#client/query/trpc.ts';

/** How often the times of a live run are read, in ms. */
const everyMs = 5_000;

/** When the cases of a run began and ended. */
export function useCaseTimes(runId: string, live: boolean) {
  return api.runs.times.useQuery(
    { runId },
    { staleTime: live ? everyMs : Infinity, refetchInterval: live && everyMs, structuralSharing: false },
  );
}
