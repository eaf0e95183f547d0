import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ListChecks, Plus } from 'lucide-react';
import { useMemo } from 'react';
import { ArchivedFilter } from '#client/archive/archived-filter.tsx';
import { RestoreButton } from '#client/archive/restore-button.tsx';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { LastFailure } from '#client/runs/history/last-failure.tsx';
import { VerdictStrip } from '#client/runs/history/verdict-strip.tsx';
import { groupRuns, mergeVerdicts } from '#client/runs/history/verdicts.ts';
import { JobStatus } from '#client/runs/activity/job-status.tsx';
import { RunButton } from '#client/runs/actions/run-button.tsx';
import { useActivity } from '#client/runs/activity/use-activity.ts';
import { api, type Outputs } from '#client/query/trpc.ts';
import { buttonClass } from '#client/ui/button.tsx';
import { plural } from '#client/ui/format.ts';
import { ListPage } from '#client/query/list-page.tsx';
import { Table } from '#client/ui/table.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import { useJobs } from './jobs-context.tsx';
import { missedStartText } from '#shared/missed-start-text.ts';

type Job = Outputs['jobs']['list']['items'][number];

const route = getRouteApi('/jobs/');

export function JobsPage() {
  const { q, archived: archivedParam } = route.useSearch();
  const archived = archivedParam === 'yes';
  const mayEdit = useMayEdit();
  const navigate = route.useNavigate();
  const query = api.jobs.list.useInfiniteQuery(
    { search: q, archived },
    { getNextPageParam: (page) => page.nextCursor, placeholderData: keepPreviousData },
  );
  const jobs = query.data?.pages.flatMap((page) => page.items) ?? [];

  return (
    <ListPage
      things="Jobs"
      thing="job"
      search={q ?? ''}
      onSearch={(text) =>
        void navigate({ to: '.', search: { q: text || undefined, archived: archivedParam }, replace: true })
      }
      filters={
        <ArchivedFilter
          value={archived}
          onChange={(value) =>
            void navigate({ to: '.', search: { q, archived: value ? 'yes' : undefined }, replace: true })
          }
        />
      }
      isFiltered={archived}
      pages={query}
      count={jobs.length}
      create={
        mayEdit && (
          <Link to="/jobs/new" className={buttonClass('primary')}>
            <Plus aria-hidden className="size-4" /> New job
          </Link>
        )
      }
      empty={{
        icon: <ListChecks />,
        title: 'Create your first job',
        text: 'A job runs several tests in order, or a suite, by hand or on a schedule.',
      }}
    >
      <JobTable jobs={jobs} />
    </ListPage>
  );
}

function JobTable({ jobs }: { jobs: readonly Job[] }) {
  const { runs } = useActivity();
  const ownRuns = useMemo(() => groupRuns(runs.values(), 'jobId'), [runs]);
  const { runningJobs } = useJobs();
  return (
    <Table
      label="Jobs"
      columns={[
        { head: 'Name' },
        { head: 'Last runs', className: 'hidden w-30 @xl:table-cell' },
        { head: 'Newest', className: 'w-30' },
        { head: 'Schedule', className: 'hidden w-56 @3xl:table-cell' },
        { head: <span className="sr-only">Actions</span>, className: 'w-16 @xl:w-26' },
      ]}
    >
      {jobs.map((job) => {
        const verdicts = mergeVerdicts(job.recentVerdicts, ownRuns.get(job.id) ?? []);
        const [newest] = verdicts;
        return (
          <tr key={job.id} className="relative h-16 hover:bg-hover" aria-busy={runningJobs.has(job.id)}>
            <td className="px-4 py-2">
              <Link
                to="/jobs/$jobId"
                params={{ jobId: job.id }}
                className="line-clamp-2 font-medium break-words row-link"
              >
                {job.name}
              </Link>
              {job.lastFailure ? (
                <LastFailure failure={job.lastFailure} verdicts={verdicts} />
              ) : (
                <span className="block truncate text-[0.8125rem] text-muted">
                  {job.suite ? `Suite ${job.suite.name}` : plural(job.testCount, 'test')}
                </span>
              )}
            </td>
            <td className="hidden px-2 py-2 @xl:table-cell">
              <VerdictStrip verdicts={verdicts} />
            </td>
            <td className="px-2 py-2">
              {newest ? (
                <JobStatus runId={newest.runId} initialStatus={newest.status} />
              ) : (
                <span className="text-muted">Never run</span>
              )}
            </td>
            <td className="hidden px-2 py-2 @3xl:table-cell">
              <Schedule job={job} />
            </td>
            <td className="py-2 pr-3 text-right">
              {job.archivedAt === null ? (
                <RunButton of={{ jobId: job.id }} name={job.name} />
              ) : (
                <RestoreButton of={{ jobId: job.id }} name={job.name} />
              )}
            </td>
          </tr>
        );
      })}
    </Table>
  );
}

function Schedule({ job }: { job: Job }) {
  if (!job.scheduleText) return <span className="text-muted">By hand only</span>;
  return (
    <>
      <span className="line-clamp-1" title={`${job.schedule} ${job.timezone}`}>
        {job.scheduleText}
      </span>
      <span className="block truncate text-[0.8125rem] text-muted">
        {job.timezone.replaceAll('_', ' ')},{' '}
        {job.nextRunAt ? <RelativeTime iso={job.nextRunAt} ahead /> : job.enabled ? 'over' : 'paused'}
      </span>
      {job.missedStart && (
        <span className="block truncate text-[0.8125rem] text-bad">
          Missed <RelativeTime iso={job.missedStart.dueAt} />: {missedStartText[job.missedStart.reason]}
        </span>
      )}
    </>
  );
}
