import { StatusBadge } from '#client/runs/status/status-badge.tsx';
import type { StreamStatus } from '#shared/run-status.ts';
import { isTerminal } from '#shared/run-status.ts';
import { useNewestRun } from './use-activity.ts';

interface JobStatusProps {
  runId: string;
  /** Shown until the activity feed has a newer status. */
  initialStatus: StreamStatus;
}

/** Status of a run, kept current by the app's activity feed: any number of badges share that one stream. */
export function JobStatus({ runId, initialStatus }: JobStatusProps) {
  const newest = useNewestRun(runId)?.status;
  return <StatusBadge status={newest && !isTerminal(initialStatus) ? newest : initialStatus} />;
}
