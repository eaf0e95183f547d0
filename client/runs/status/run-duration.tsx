import { Elapsed } from '#client/ui/time.tsx';
import { formatDuration } from '#client/ui/format.ts';
import type { RunSummary } from '#shared/events.ts';

/** Duration of a run, or its duration so far. */
export function RunDuration({ run }: { run: RunSummary }) {
  if (run.duration !== null) return <span className="tabular-nums">{formatDuration(run.duration)}</span>;
  if (run.status === 'running' && run.startedAt) return <Elapsed since={run.startedAt} />;
  return <span className="text-muted">–</span>;
}
