import { lazy, Suspense } from 'react';
import { NewestRun } from '#client/runs/list/newest-run.tsx';
import { RecentRuns } from '#client/runs/list/recent-runs.tsx';
import { HistorySection } from '#client/runs/history/history-section.tsx';
import type { Outputs } from '#client/query/trpc.ts';
import { formatTime } from '#client/ui/format.ts';
import { Section } from '#client/ui/page.tsx';
import { Skeleton } from '#client/ui/states.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import { isTerminal } from '#shared/run-status.ts';
import type { RunSummary } from '#shared/events.ts';
import { ActiveRun } from './active-run.tsx';
import { MissedStarts } from './missed-starts.tsx';

const CaseGrid = lazy(() => import('#client/cases/case-grid.tsx'));
const JobSuite = lazy(() => import('./job-suite.tsx'));

type Job = Outputs['jobs']['byId'];

/** How a job does: the suite that it runs, its newest run, its cases in the last runs, its next start, and the starts that it missed. */
export function JobOverview({ job, lastRun }: { job: Job; lastRun: RunSummary | null }) {
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,7fr)_minmax(0,5fr)]">
      <div className="min-w-0 space-y-5">
        <ActiveRun jobId={job.id} />
        {lastRun && isTerminal(lastRun.status) && <NewestRun run={lastRun} />}
        <Suspense fallback={<Skeleton label="Loading the cases" className="card" />}>
          <CaseGrid of={{ jobId: job.id }} />
        </Suspense>
        <HistorySection of={{ jobId: job.id }} />
      </div>
      <div className="min-w-0 space-y-5">
        {job.suite && (
          <Suspense fallback={<Skeleton label="Loading the suite" className="card" />}>
            <JobSuite suite={job.suite} />
          </Suspense>
        )}
        <NextStart job={job} />
        <MissedStarts job={job} />
        <RecentRuns of={{ jobId: job.id }} />
      </div>
    </div>
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
