import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { FlaskConical, Plus } from 'lucide-react';
import { useMemo } from 'react';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { LastFailure } from '#client/runs/history/last-failure.tsx';
import { useOnResults } from '#client/runs/history/use-on-results.ts';
import { VerdictStrip } from '#client/runs/history/verdict-strip.tsx';
import { groupRuns, mergeVerdicts } from '#client/runs/history/verdicts.ts';
import { StatusBadge } from '#client/runs/status/status-badge.tsx';
import { RunButton } from '#client/runs/actions/run-button.tsx';
import { useActivity } from '#client/runs/activity/use-activity.ts';
import { api, type Outputs } from '#client/query/trpc.ts';
import { buttonClass } from '#client/ui/button.tsx';
import { formatDuration } from '#client/ui/format.ts';
import { ListPage } from '#client/query/list-page.tsx';
import { Table } from '#client/ui/table.tsx';
import { RelativeTime } from '#client/ui/time.tsx';

const route = getRouteApi('/tests/');

export function TestsPage() {
  const { q } = route.useSearch();
  const mayEdit = useMayEdit();
  const navigate = route.useNavigate();
  const utils = api.useUtils();
  const query = api.tests.list.useInfiniteQuery(
    { search: q },
    { getNextPageParam: (page) => page.nextCursor, placeholderData: keepPreviousData },
  );
  // The activity feed has no results of the tests of a job.
  useOnResults(
    () => true,
    () => void utils.tests.list.invalidate(),
  );
  const tests = query.data?.pages.flatMap((page) => page.items) ?? [];

  return (
    <ListPage
      things="Tests"
      thing="test"
      search={q ?? ''}
      onSearch={(text) => void navigate({ to: '.', search: { q: text || undefined }, replace: true })}
      pages={query}
      count={tests.length}
      create={
        mayEdit && (
          <Link to="/tests/new" className={buttonClass('primary')}>
            <Plus aria-hidden className="size-4" /> New test
          </Link>
        )
      }
      empty={{
        icon: <FlaskConical />,
        title: 'Write your first test',
        text: 'A test is a Playwright script. Start from a template that runs as it is.',
      }}
    >
      <TestTable tests={tests} />
    </ListPage>
  );
}

function TestTable({ tests }: { tests: Outputs['tests']['list']['items'] }) {
  const { runs } = useActivity();
  const ownRuns = useMemo(() => groupRuns(runs.values(), 'testId'), [runs]);
  return (
    <Table
      label="Tests"
      columns={[
        { head: 'Name' },
        { head: 'Last runs', className: 'hidden w-30 @xl:table-cell' },
        { head: 'Newest', className: 'w-30' },
        { head: 'Duration', className: 'hidden w-24 text-right @4xl:table-cell' },
        { head: 'When', className: 'hidden w-28 text-right @2xl:table-cell' },
        { head: <span className="sr-only">Actions</span>, className: 'w-16 @xl:w-24' },
      ]}
    >
      {tests.map((test) => {
        const verdicts = mergeVerdicts(test.recentVerdicts, ownRuns.get(test.id) ?? []);
        const [newest] = verdicts;
        return (
          <tr key={test.id} className="relative h-14 hover:bg-hover">
            <td className="px-4 py-2">
              <Link
                to="/tests/$testId"
                params={{ testId: test.id }}
                className="line-clamp-2 font-medium break-words row-link"
              >
                {test.name}
              </Link>
              {test.lastFailure && <LastFailure failure={test.lastFailure} verdicts={verdicts} />}
            </td>
            <td className="hidden px-2 py-2 @xl:table-cell">
              <VerdictStrip verdicts={verdicts} />
            </td>
            <td className="px-2 py-2">
              {newest ? <StatusBadge status={newest.status} /> : <span className="text-muted">Never run</span>}
            </td>
            <td className="hidden px-2 py-2 text-right tabular-nums @4xl:table-cell">
              {newest?.duration != null ? formatDuration(newest.duration) : <span className="text-muted">–</span>}
            </td>
            <td className="hidden px-2 py-2 text-right text-muted @2xl:table-cell">
              {newest && <RelativeTime iso={newest.startedAt ?? newest.queuedAt} />}
            </td>
            <td className="py-2 pr-3 text-right">
              <RunButton of={{ testId: test.id }} name={test.name} />
            </td>
          </tr>
        );
      })}
    </Table>
  );
}
