import { Link } from '@tanstack/react-router';
import { lastRunOf } from '#client/runs/activity/activity.ts';
import { JobStatus } from '#client/runs/activity/job-status.tsx';
import { useActivity } from '#client/runs/activity/use-activity.ts';
import type { RunSummary } from '#shared/events.ts';

/** A link to a job with the status of its newest run. */
export function JobLink({ job }: { job: { id: string; name: string; lastRun: RunSummary | null } }) {
  const activity = useActivity();
  const run = lastRunOf(job.lastRun, activity, ({ jobId }) => jobId === job.id);
  return (
    <span className="flex min-w-0 items-center gap-2">
      <Link to="/jobs/$jobId" params={{ jobId: job.id }} className="link truncate">
        {job.name}
      </Link>
      {run && <JobStatus runId={run.id} initialStatus={run.status} />}
    </span>
  );
}
