import { getRouteApi, Link } from '@tanstack/react-router';
import { keepPreviousData } from '@tanstack/react-query';
import { FlaskConical, Play, Plus, SearchX } from 'lucide-react';
import { lastRunOf } from '#client/runs/activity.ts';
import { JobStatus } from '#client/runs/job-status.tsx';
import { RunDuration } from '#client/runs/run-duration.tsx';
import { useActivity } from '#client/runs/use-activity.ts';
import { useStartRun } from '#client/runs/use-start-run.ts';
import { api, errorText, type Outputs } from '#client/trpc.ts';
import { Button, buttonClass } from '#client/ui/button.tsx';
import { LoadMore } from '#client/ui/load-more.tsx';
import { PageHeader } from '#client/ui/page.tsx';
import { SearchBox } from '#client/ui/search-box.tsx';
import { EmptyState, ErrorState, Skeleton } from '#client/ui/states.tsx';
import { RelativeTime } from '#client/ui/time.tsx';

const route = getRouteApi('/tests/');

export function TestsPage() {
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const query = api.tests.list.useInfiniteQuery(
    { search: q },
    { getNextPageParam: (page) => page.nextCursor, placeholderData: keepPreviousData },
  );
  const tests = query.data?.pages.flatMap((page) => page.items) ?? [];

  return (
    <>
      <PageHeader title="Tests">
        <Link to="/tests/new" className={buttonClass('primary')}>
          <Plus aria-hidden className="size-4" /> New test
        </Link>
      </PageHeader>
      <div className="mb-4">
        <SearchBox
          label="Search tests"
          value={q ?? ''}
          onSearch={(text) => void navigate({ to: '.', search: { q: text || undefined }, replace: true })}
        />
      </div>
      <div className="card overflow-hidden">
        {query.isPending ? (
          <Skeleton label="Loading tests" />
        ) : query.isError ? (
          <ErrorState
            title="The tests could not be loaded"
            cause={errorText(query.error)}
            onRetry={() => void query.refetch()}
          />
        ) : tests.length === 0 && q ? (
          <EmptyState icon={<SearchX />} title={`No test is named like “${q}”`}>
            <p>Try fewer letters, or write the test that you looked for.</p>
          </EmptyState>
        ) : tests.length === 0 ? (
          <EmptyState icon={<FlaskConical />} title="Write your first test">
            <p>A test is a Playwright script. It starts from a template that runs as it is.</p>
            <Link to="/tests/new" className={buttonClass('primary')}>
              <Plus aria-hidden className="size-4" /> New test
            </Link>
          </EmptyState>
        ) : (
          <TestTable tests={tests} />
        )}
        <LoadMore pages={query} />
      </div>
    </>
  );
}

function TestTable({ tests }: { tests: Outputs['tests']['list']['items'] }) {
  const activity = useActivity();
  return (
    <table className="w-full table-fixed text-sm" aria-label="Tests">
      <thead className="text-left text-xs text-muted">
        <tr className="border-b border-line">
          <th scope="col" className="px-4 py-2.5 font-medium">
            Name
          </th>
          <th scope="col" className="w-32 px-2 py-2.5 font-medium">
            Last run
          </th>
          <th scope="col" className="hidden w-28 px-2 py-2.5 text-right font-medium sm:table-cell">
            Duration
          </th>
          <th scope="col" className="hidden w-32 px-2 py-2.5 text-right font-medium sm:table-cell">
            When
          </th>
          <th scope="col" className="w-16 py-2.5 pr-4 sm:w-24">
            <span className="sr-only">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {tests.map((test) => {
          const run = lastRunOf(test.lastRun, activity, ({ testId }) => testId === test.id);
          return (
            <tr key={test.id} className="relative hover:bg-hover">
              <td className="px-4 py-3">
                <Link
                  to="/tests/$testId"
                  params={{ testId: test.id }}
                  className="line-clamp-2 font-medium break-words row-link"
                >
                  {test.name}
                </Link>
              </td>
              <td className="px-2 py-3">
                {run ? (
                  <JobStatus runId={run.id} initialStatus={run.status} />
                ) : (
                  <span className="text-muted">Never run</span>
                )}
              </td>
              <td className="hidden px-2 py-3 text-right sm:table-cell">{run && <RunDuration run={run} />}</td>
              <td className="hidden px-2 py-3 text-right text-muted sm:table-cell">
                {run && <RelativeTime iso={run.startedAt ?? run.queuedAt} />}
              </td>
              <td className="py-2 pr-3 text-right">
                <RunButton testId={test.id} name={test.name} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Stays on the list: the row shows the run, and a toast its end. */
function RunButton({ testId, name }: { testId: string; name: string }) {
  const { test } = useStartRun();
  return (
    <Button
      size="sm"
      className="relative z-10"
      aria-label={`Run ${name}`}
      busy={test.isPending}
      onClick={() => test.mutate({ testId })}
    >
      {!test.isPending && <Play aria-hidden className="size-4" />}
      <span className="hidden sm:inline">Run</span>
    </Button>
  );
}
