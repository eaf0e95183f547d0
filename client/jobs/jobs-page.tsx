import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ListChecks, Play, Plus, SearchX } from 'lucide-react';
import { lastRunOf } from '#client/runs/activity.ts';
import { JobStatus } from '#client/runs/job-status.tsx';
import { useActivity } from '#client/runs/use-activity.ts';
import { useStartRun } from '#client/runs/use-start-run.ts';
import { api, errorText, type Outputs } from '#client/trpc.ts';
import { Button, buttonClass } from '#client/ui/button.tsx';
import { plural } from '#client/ui/format.ts';
import { LoadMore } from '#client/ui/load-more.tsx';
import { PageHeader } from '#client/ui/page.tsx';
import { SearchBox } from '#client/ui/search-box.tsx';
import { EmptyState, ErrorState, Skeleton } from '#client/ui/states.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import { useJobs } from './jobs-context.tsx';

const route = getRouteApi('/jobs/');

export function JobsPage() {
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const query = api.jobs.list.useInfiniteQuery(
    { search: q },
    { getNextPageParam: (page) => page.nextCursor, placeholderData: keepPreviousData },
  );
  const jobs = query.data?.pages.flatMap((page) => page.items) ?? [];
  const newJob = (
    <Link to="/jobs/new" className={buttonClass('primary')}>
      <Plus aria-hidden className="size-4" /> New job
    </Link>
  );

  return (
    <>
      <PageHeader title="Jobs">{newJob}</PageHeader>
      <div className="mb-4">
        <SearchBox
          label="Search jobs"
          value={q ?? ''}
          onSearch={(text) => void navigate({ to: '.', search: { q: text || undefined }, replace: true })}
        />
      </div>
      <div className="card overflow-hidden">
        {query.isPending ? (
          <Skeleton label="Loading jobs" />
        ) : query.isError ? (
          <ErrorState
            title="The jobs could not be loaded"
            cause={errorText(query.error)}
            onRetry={() => void query.refetch()}
          />
        ) : jobs.length === 0 && q ? (
          <EmptyState icon={<SearchX />} title={`No job is named like “${q}”`}>
            <p>Try fewer letters.</p>
          </EmptyState>
        ) : jobs.length === 0 ? (
          <EmptyState icon={<ListChecks />} title="Compose your first job">
            <p>A job runs several tests in order: when you say so, or on a schedule.</p>
            {newJob}
          </EmptyState>
        ) : (
          <JobTable jobs={jobs} />
        )}
        <LoadMore pages={query} />
      </div>
    </>
  );
}

function JobTable({ jobs }: { jobs: Outputs['jobs']['list']['items'] }) {
  const activity = useActivity();
  const { runningJobs } = useJobs();
  return (
    <table className="w-full table-fixed text-sm" aria-label="Jobs">
      <thead className="text-left text-xs text-muted">
        <tr className="border-b border-line">
          <th scope="col" className="px-4 py-2.5 font-medium">
            Name
          </th>
          <th scope="col" className="w-32 px-2 py-2.5 font-medium">
            Last run
          </th>
          <th scope="col" className="hidden w-44 px-2 py-2.5 font-medium md:table-cell">
            Schedule
          </th>
          <th scope="col" className="hidden w-32 px-2 py-2.5 text-right font-medium sm:table-cell">
            Next run
          </th>
          <th scope="col" className="w-16 py-2.5 pr-4 sm:w-24">
            <span className="sr-only">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {jobs.map((job) => {
          const run = lastRunOf(job.lastRun, activity, ({ jobId }) => jobId === job.id);
          return (
            <tr key={job.id} className="relative hover:bg-hover" aria-busy={runningJobs.has(job.id)}>
              <td className="px-4 py-3">
                <Link
                  to="/jobs/$jobId"
                  params={{ jobId: job.id }}
                  className="line-clamp-2 font-medium break-words row-link"
                >
                  {job.name}
                </Link>
                <span className="text-muted">{plural(job.testCount, 'test')}</span>
              </td>
              <td className="px-2 py-3">
                {run ? (
                  <JobStatus runId={run.id} initialStatus={run.status} />
                ) : (
                  <span className="text-muted">Never run</span>
                )}
              </td>
              <td className="hidden truncate px-2 py-3 text-muted md:table-cell">
                {job.schedule ? <code className="font-mono text-[0.8125rem]">{job.schedule}</code> : 'By hand only'}
              </td>
              <td className="hidden px-2 py-3 text-right text-muted sm:table-cell">
                {job.nextRunAt ? (
                  <RelativeTime iso={job.nextRunAt} ahead />
                ) : job.schedule && !job.enabled ? (
                  'Paused'
                ) : (
                  '–'
                )}
              </td>
              <td className="py-2 pr-3 text-right">
                <RunButton jobId={job.id} name={job.name} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Stays on the list: the row shows the run, and a toast its end. */
function RunButton({ jobId, name }: { jobId: string; name: string }) {
  const { job } = useStartRun();
  return (
    <Button
      size="sm"
      className="relative z-10"
      aria-label={`Run ${name}`}
      busy={job.isPending}
      onClick={() => job.mutate({ jobId })}
    >
      {!job.isPending && <Play aria-hidden className="size-4" />}
      <span className="hidden sm:inline">Run</span>
    </Button>
  );
}
