import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { RelativeTime } from '#client/ui/time.tsx';
import type { RunSummary, RunTrigger } from '#shared/events.ts';
import { JobStatus } from './job-status.tsx';
import { RunDuration } from './run-duration.tsx';

const triggers: Record<RunTrigger, string> = {
  manual: 'by hand',
  schedule: 'on schedule',
  api: 'through the API',
  cli: 'from the command line',
  retry: 'as a retry',
};

export const triggerText = (run: RunSummary) =>
  `${triggers[run.trigger]}${run.triggeredBy ? ` by ${run.triggeredBy}` : ''}`.replace('by hand by', 'by');

/** Runs, newest first. `named` adds whose runs they are, where the page does not say so. */
export function RunTable({ runs, label, named }: { runs: readonly RunSummary[]; label: string; named: boolean }) {
  return (
    <table className="w-full table-fixed text-sm" aria-label={label}>
      <thead className="text-left text-xs text-muted">
        <tr className="border-b border-line">
          <th scope="col" className="w-30 py-2.5 pr-2 pl-4 font-medium sm:w-36">
            Status
          </th>
          {named && (
            <th scope="col" className="px-2 py-2.5 font-medium">
              Run
            </th>
          )}
          <th
            scope="col"
            className={`hidden px-2 py-2.5 font-medium ${named ? 'w-32 md:table-cell' : 'sm:table-cell'}`}
          >
            Tests
          </th>
          <th scope="col" className={`w-24 px-2 py-2.5 text-right font-medium ${named ? 'hidden sm:table-cell' : ''}`}>
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
              {named ? (
                <JobStatus runId={run.id} initialStatus={run.status} />
              ) : (
                <RowLink run={run}>
                  <JobStatus runId={run.id} initialStatus={run.status} />
                  <span className="sr-only"> run of {run.name}</span>
                </RowLink>
              )}
            </td>
            {named && (
              <td className="px-2 py-3">
                <RowLink run={run}>
                  <span className="line-clamp-2 font-medium break-words">{run.name}</span>
                </RowLink>
                <span className="block truncate text-muted">
                  {run.kind === 'job' ? 'Job' : 'Test'}, {triggerText(run)}
                </span>
              </td>
            )}
            <td
              className={`hidden truncate px-2 py-3 text-muted tabular-nums ${named ? 'md:table-cell' : 'sm:table-cell'}`}
            >
              {run.passed} of {run.total} passed
            </td>
            <td className={`px-2 py-3 text-right ${named ? 'hidden sm:table-cell' : ''}`}>
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

/** The link of a row; all of the row is its target. */
function RowLink({ run, children }: { run: RunSummary; children: ReactNode }) {
  return (
    <Link to="/runs/$runId" params={{ runId: run.id }} className="row-link">
      {children}
    </Link>
  );
}
