import { skipToken, useQuery } from '@tanstack/react-query';
import type { RunLog } from './run-log.ts';

/** An attempt (from 0) of a case. */
export interface Attempt {
  runId: string;
  caseIndex: number;
  attempt: number;
}

/** The steps of an attempt, and the sequence number after which a stream goes on. */
export interface Steps {
  log: RunLog;
  head: number;
}

/** Of the steps in the query cache. */
export const stepsKey = ({ runId, caseIndex, attempt }: Attempt) => ['run-steps', runId, caseIndex, attempt];

/** The steps of an attempt as far as another part of the page follows them (`useSteps`). */
export function useKnownSteps(of: Attempt): RunLog | undefined {
  return useQuery<Steps>({ queryKey: stepsKey(of), queryFn: skipToken, staleTime: Infinity, structuralSharing: false })
    .data?.log;
}
