import { Link } from '@tanstack/react-router';
import { JobStatus } from '#client/runs/activity/job-status.tsx';
import { VerdictBar } from '#client/runs/list/verdict-bar.tsx';
import { RunCommit } from '#client/runs/status/run-commit.tsx';
import { RunDuration } from '#client/runs/status/run-duration.tsx';
import { triggerText } from '#client/runs/status/trigger-text.ts';
import { progressText } from '#shared/verdict-text.ts';
import { LongTable, type RowPlace } from '#client/ui/long-table.tsx';
import type { Pages } from '#client/ui/load-more.tsx';
import { type Column, Table } from '#client/ui/table.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import type { RunSummary } from '#shared/events.ts';

const columns: Column[] = [
  { head: 'Status', className: 'w-30 @md:w-34' },
  { head: 'Commit' },
  { head: 'Cases', className: 'hidden w-64 @3xl:table-cell' },
  { head: 'Author', className: 'hidden w-36 @5xl:table-cell' },
  { head: 'Duration', className: 'hidden w-22 text-right @2xl:table-cell' },
  { head: 'Started', className: 'hidden w-28 text-right @min-[21.5rem]:table-cell' },
];
const rowHeight = 48;

/** Runs of one suite, newest first. With `pages` there may be any number of them. */
export function SuiteRunTable({ runs, label, pages }: { runs: readonly RunSummary[]; label: string; pages?: Pages }) {
  if (!pages)
    return (
      <Table label={label} columns={columns}>
        {runs.map((run) => (
          <Row key={run.id} run={run} />
        ))}
      </Table>
    );
  return (
    <LongTable label={label} columns={columns} items={runs} rowHeight={rowHeight} pages={pages}>
      {(run, place) => <Row key={run.id} run={run} place={place} />}
    </LongTable>
  );
}

function Row({ run, place }: { run: RunSummary; place?: RowPlace }) {
  return (
    <tr {...place} className="relative h-12 hover:bg-hover">
      <td className="pr-2 pl-4">
        <Link to="/runs/$runId" params={{ runId: run.id }} className="row-link">
          <JobStatus runId={run.id} initialStatus={run.status} />
          <span className="sr-only"> run of {run.name}</span>
        </Link>
      </td>
      <td className="px-2 py-1.5">
        {run.branch === null && run.commitSha === null ? (
          <span className="block truncate text-[0.8125rem] text-muted">{triggerText(run)}</span>
        ) : (
          <RunCommit run={run} />
        )}
        <span className="block truncate text-[0.8125rem] text-muted tabular-nums @3xl:hidden">{progressText(run)}</span>
      </td>
      <td className="hidden px-2 text-muted tabular-nums @3xl:table-cell">
        <VerdictBar run={run} />
      </td>
      <td className="hidden truncate px-2 text-muted @5xl:table-cell">{run.author ?? '–'}</td>
      <td className="hidden px-2 text-right @2xl:table-cell">
        <RunDuration run={run} />
      </td>
      <td className="hidden pr-4 pl-2 text-right text-muted @min-[21.5rem]:table-cell">
        <RelativeTime iso={run.startedAt ?? run.queuedAt} />
      </td>
    </tr>
  );
}
