import { Link } from '@tanstack/react-router';
import { StatusBadge } from '#client/runs/status/status-badge.tsx';
import { CancelRun } from '#client/runs/actions/run-actions.tsx';
import { RunDuration } from '#client/runs/status/run-duration.tsx';
import { RunProgress } from '#client/runs/status/run-progress.tsx';
import { RunStatusListener } from '#client/runs/run-page/run-status-listener.tsx';
import { useRun } from '#client/runs/run-page/use-run.ts';
import { api } from '#client/query/trpc.ts';
import { Section } from '#client/ui/page.tsx';
import { isTerminal } from '#shared/run-status.ts';
import { useJobs } from './jobs-context.tsx';

/** The job's unfinished run with its progress. Renders nothing if there is none. */
export function ActiveRun({ jobId }: { jobId: string }) {
  const active = useJobs().activeRuns.get(jobId);
  return active ? <Progress key={active.id} runId={active.id} jobId={jobId} /> : null;
}

function Progress({ runId, jobId }: { runId: string; jobId: string }) {
  const utils = api.useUtils();
  const { run } = useRun(runId);
  if (!run) return null;
  return (
    <Section
      title="This run"
      actions={
        <Link to="/runs/$runId" params={{ runId }} className="link text-sm">
          Follow it
        </Link>
      }
    >
      <RunStatusListener
        runId={runId}
        status={run.status}
        onStatusUpdate={(status) => {
          // Only the server knows the job's next due time and last run.
          if (isTerminal(status)) void utils.jobs.byId.invalidate({ jobId });
        }}
      />
      <div className="space-y-3 p-4">
        <div className="flex min-h-8 flex-wrap items-center gap-3 text-sm">
          <StatusBadge status={run.status} />
          <RunDuration run={run} />
          <div className="ml-auto">
            <CancelRun run={run} size="sm" />
          </div>
        </div>
        <RunProgress run={run} />
      </div>
    </Section>
  );
}
