import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { progressText } from '#client/runs/status/verdict-text.ts';
import { RecentRuns } from '#client/runs/list/recent-runs.tsx';
import { HistorySection } from '#client/runs/history/history-section.tsx';
import { RunDuration } from '#client/runs/status/run-duration.tsx';
import { StatusBadge } from '#client/runs/status/status-badge.tsx';
import { triggerText } from '#client/runs/status/trigger-text.ts';
import type { Outputs } from '#client/query/trpc.ts';
import { stripAnsi } from '#client/ui/ansi.ts';
import { formatTime } from '#client/ui/format.ts';
import { Section } from '#client/ui/page.tsx';
import { Skeleton } from '#client/ui/states.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import { isTerminal } from '#shared/run-status.ts';
import type { RunSummary } from '#shared/events.ts';
import { ActiveRun } from './active-run.tsx';
import { MissedStarts } from './missed-starts.tsx';

const CaseGrid = lazy(() => import('./case-grid.tsx'));

type Job = Outputs['jobs']['byId'];

/** How a job does: its newest run, its cases in the last runs, its next start, and the starts that it missed. */
export function JobOverview({ job, lastRun }: { job: Job; lastRun: RunSummary | null }) {
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,7fr)_minmax(0,5fr)]">
      <div className="min-w-0 space-y-5">
        <ActiveRun jobId={job.id} />
        {lastRun && isTerminal(lastRun.status) && <NewestRun run={lastRun} />}
        <Suspense fallback={<Skeleton label="Loading the cases" className="card" />}>
          <CaseGrid jobId={job.id} />
        </Suspense>
        <HistorySection of={{ jobId: job.id }} />
      </div>
      <div className="min-w-0 space-y-5">
        <NextStart job={job} />
        <MissedStarts job={job} />
        <RecentRuns of={{ jobId: job.id }} />
      </div>
    </div>
  );
}

function NewestRun({ run }: { run: RunSummary }) {
  return (
    <Section title="Newest run">
      <div className="relative flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3 text-sm hover:bg-hover">
        <Link to="/runs/$runId" params={{ runId: run.id }} className="row-link">
          <StatusBadge status={run.status} />
          <span className="sr-only"> newest run of {run.name}</span>
        </Link>
        <span className="font-medium tabular-nums">{progressText(run)}</span>
        <span className="text-muted">
          <RunDuration run={run} />, <RelativeTime iso={run.startedAt ?? run.queuedAt} />, {triggerText(run)}
        </span>
        {run.errorDetails && (
          <span className="w-full truncate text-muted" title={stripAnsi(run.errorDetails)}>
            {stripAnsi(run.errorDetails)}
          </span>
        )}
      </div>
    </Section>
  );
}

function NextStart({ job }: { job: Job }) {
  return (
    <Section title="Next start">
      <p className="px-4 py-3 text-sm">
        {job.nextRunAt ? (
          <>
            <span className="font-medium">
              <RelativeTime iso={job.nextRunAt} ahead />
            </span>
            , {formatTime(job.nextRunAt, job.timezone)}
          </>
        ) : (
          <span className="text-muted">
            {job.scheduleText ? 'None: the schedule is paused or over.' : 'By hand only.'}
          </span>
        )}
        {job.scheduleText && <span className="block text-muted">{job.scheduleText}</span>}
      </p>
    </Section>
  );
}
