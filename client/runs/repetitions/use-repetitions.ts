import { useEffect } from 'react';
import { api } from '#client/query/trpc.ts';
import { useActivity } from '#client/runs/activity/use-activity.ts';

/** What repetitions of a case came to, read again whenever a run that repeats it changes. */
export function useRepetitions(caseId: string) {
  const query = api.cases.repetitions.useQuery({ caseId });
  const { runs } = useActivity();
  let newest = 0;
  for (const { repeatedCaseId, activitySeq } of runs.values())
    if (repeatedCaseId === caseId) newest = Math.max(newest, activitySeq);
  const { refetch } = query;
  useEffect(() => {
    if (newest > 0) void refetch();
  }, [newest, refetch]);
  return query;
}
