import { Link } from '@tanstack/react-router';
import { RelativeTime } from '#client/ui/time.tsx';
import type { RunSummary } from '#shared/events.ts';
import { JobStatus } from './job-status.tsx';
import { RunDuration } from './run-duration.tsx';

/** Runs of one thing, newest first, where the page says whose they are. */
export function RunTable({ runs, label }: { runs: readonly RunSummary[]; label: string }) {
  return (
    <table className="w-full table-fixed text-sm" aria-label={label}>
      <thead className="text-left text-xs text-muted">
        <tr className="border-b border-line">
          <th scope="col" className="w-30 py-2.5 pr-2 pl-4 font-medium @md:w-36">
            Status
          </th>
          <th scope="col" className="hidden px-2 py-2.5 font-medium @md:table-cell">
            Tests
          </th>
          <th scope="col" className="w-24 px-2 py-2.5 text-right font-medium">
            Duration
          </th>
          <th scope="col" className="w-26 py-2.5 pr-4 pl-2 text-right font-medium">
            Started
          </th>
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {runs.map((run) => (
          <tr key={run.id} className="relative hover:bg-hover">
            <td className="py-3 pr-2 pl-4">
              <Link to="/runs/$runId" params={{ runId: run.id }} className="row-link">
                <JobStatus runId={run.id} initialStatus={run.status} />
                <span className="sr-only"> run of {run.name}</span>
              </Link>
            </td>
            <td className="hidden truncate px-2 py-3 text-muted tabular-nums @md:table-cell">
              {run.passed} of {run.total} passed
            </td>
            <td className="px-2 py-3 text-right">
              <RunDuration run={run} />
            </td>
            <td className="py-3 pr-4 pl-2 text-right text-muted">
              <RelativeTime iso={run.startedAt ?? run.queuedAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
