import { Link } from '@tanstack/react-router';
import { Table } from '#client/ui/table.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import type { RunSummary } from '#shared/events.ts';
import { JobStatus } from '#client/runs/activity/job-status.tsx';
import { progressText } from '#shared/verdict-text.ts';
import { RunCommit } from '#client/runs/status/run-commit.tsx';
import { RunDuration } from '#client/runs/status/run-duration.tsx';

/** Runs of one test or one job, newest first. */
export function RunTable({ runs, label }: { runs: readonly RunSummary[]; label: string }) {
  return (
    <Table
      label={label}
      columns={[
        { head: 'Status', className: 'w-30 @md:w-34' },
        { head: 'Cases', className: 'hidden @md:table-cell' },
        { head: 'Duration', className: 'hidden w-22 text-right @min-[21.5rem]:table-cell' },
        { head: 'Started', className: 'w-32 text-right' },
      ]}
    >
      {runs.map((run) => (
        <tr key={run.id} className="relative hover:bg-hover">
          <td className="py-3 pr-2 pl-4">
            <Link to="/runs/$runId" params={{ runId: run.id }} className="row-link">
              <JobStatus runId={run.id} initialStatus={run.status} />
              <span className="sr-only"> run of {run.name}</span>
            </Link>
          </td>
          <td className="hidden truncate px-2 py-3 text-muted tabular-nums @md:table-cell">
            {progressText(run)}
            <RunCommit run={run} message={false} />
          </td>
          <td className="hidden px-2 py-3 text-right @min-[21.5rem]:table-cell">
            <RunDuration run={run} />
          </td>
          <td className="py-3 pr-4 pl-2 text-right text-muted">
            <RelativeTime iso={run.startedAt ?? run.queuedAt} />
          </td>
        </tr>
      ))}
    </Table>
  );
}
