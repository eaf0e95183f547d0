import { Badge } from '#client/ui/badge.tsx';
import type { StreamStatus } from '#shared/run-status.ts';
import { isTerminal } from '#shared/run-status.ts';
import { statusLook } from './status-look.ts';
import { useNewestRun } from './use-activity.ts';

interface JobStatusProps {
  runId: string;
  /** Shown until the activity feed knows better. */
  initialStatus: StreamStatus;
}

/** Status of a run, kept current by the app's activity feed: any number of badges share that one stream. */
export function JobStatus({ runId, initialStatus }: JobStatusProps) {
  const newest = useNewestRun(runId)?.status;
  return <StatusBadge status={newest && !isTerminal(initialStatus) ? newest : initialStatus} />;
}

/** `compact`: only its icon is seen where the window is narrow. */
export function StatusBadge({ status, compact = false }: { status: StreamStatus; compact?: boolean }) {
  const { label, tone, icon: Icon } = statusLook[status];
  return (
    <Badge tone={tone} icon={<Icon aria-hidden className={`size-3.5 ${status === 'running' ? 'animate-spin' : ''}`} />}>
      <span className={compact ? '@max-xl:sr-only' : undefined}>{label}</span>
    </Badge>
  );
}
