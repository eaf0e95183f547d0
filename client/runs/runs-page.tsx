import { getRouteApi, Link } from '@tanstack/react-router';
import { History } from 'lucide-react';
import { api, errorText } from '#client/trpc.ts';
import { buttonClass } from '#client/ui/button.tsx';
import { LoadMore } from '#client/ui/load-more.tsx';
import { PageHeader } from '#client/ui/page.tsx';
import { EmptyState, ErrorState, Skeleton } from '#client/ui/states.tsx';
import { runKinds } from '#shared/run-kinds.ts';
import { runStatuses } from '#shared/run-status.ts';
import { mergeRuns } from './activity.ts';
import { RunTable } from './run-table.tsx';
import { statusLook } from './status-look.ts';
import { useActivity } from './use-activity.ts';

const route = getRouteApi('/runs/');

export function RunsPage() {
  const { status, kind } = route.useSearch();
  const navigate = route.useNavigate();
  const activity = useActivity();

  const query = api.runs.list.useInfiniteQuery(
    { status: status && [status], kind },
    { getNextPageParam: (page) => page.nextCursor },
  );
  const runs = mergeRuns(
    query.data?.pages.flatMap((page) => page.items) ?? [],
    activity,
    (run) => (!status || run.status === status) && (!kind || run.kind === kind),
    !query.hasNextPage,
  );

  const filtered = status !== undefined || kind !== undefined;
  return (
    <>
      <PageHeader title="Runs" />
      <div className="mb-4 flex flex-wrap gap-3">
        <Filter
          label="Status"
          all="All statuses"
          value={status}
          options={runStatuses.map((value) => ({ value, text: statusLook[value].label }))}
          onChange={(value) => void navigate({ to: '.', search: { kind, status: value }, replace: true })}
        />
        <Filter
          label="Kind"
          all="Tests and jobs"
          value={kind}
          options={runKinds.map((value) => ({ value, text: value === 'job' ? 'Jobs only' : 'Tests only' }))}
          onChange={(value) => void navigate({ to: '.', search: { status, kind: value }, replace: true })}
        />
      </div>
      <div className="card overflow-hidden">
        {query.isPending ? (
          <Skeleton label="Loading runs" />
        ) : query.isError ? (
          <ErrorState
            title="The runs could not be loaded"
            cause={errorText(query.error)}
            onRetry={() => void query.refetch()}
          />
        ) : runs.length === 0 && filtered ? (
          <EmptyState icon={<History />} title="No run matches">
            <p>No run has this status and kind.</p>
            <Link to="/runs" search={{}} className={buttonClass()}>
              Show all runs
            </Link>
          </EmptyState>
        ) : runs.length === 0 ? (
          <EmptyState icon={<History />} title="Nothing has run yet">
            <p>Every run of a test or a job is kept here, with its log and report. Open a test and choose Run.</p>
            <Link to="/tests" className={buttonClass('primary')}>
              Go to the tests
            </Link>
          </EmptyState>
        ) : (
          <RunTable runs={runs} label="Runs" named />
        )}
        <LoadMore pages={query} />
      </div>
    </>
  );
}

function Filter<T extends string>({
  label,
  all,
  value,
  options,
  onChange,
}: {
  label: string;
  all: string;
  value: T | undefined;
  options: { value: T; text: string }[];
  onChange: (value: T | undefined) => void;
}) {
  return (
    <select
      aria-label={label}
      value={value ?? ''}
      onChange={(event) => onChange(options.find((option) => option.value === event.target.value)?.value)}
      className="control w-auto"
    >
      <option value="">{all}</option>
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.text}
        </option>
      ))}
    </select>
  );
}
