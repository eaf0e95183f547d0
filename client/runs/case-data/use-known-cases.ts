import { skipToken, useQuery } from '@tanstack/react-query';
import type { RunCases } from './run-cases.ts';

/** The states of a run's cases as far as another part of the page follows them (`useRunCases`). */
export function useKnownCases(runId: string): RunCases | undefined {
  return useQuery<RunCases>({
    queryKey: ['run-cases', runId],
    queryFn: skipToken,
    staleTime: Infinity,
    structuralSharing: false,
  }).data;
}
