import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { FlaskConical, Plus } from 'lucide-react';
import { useState } from 'react';
import { ArchivedFilter } from '#client/archive/archived-filter.tsx';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { useOnResults } from '#client/runs/history/use-on-results.ts';
import { api } from '#client/query/trpc.ts';
import { buttonClass } from '#client/ui/button.tsx';
import { FilterOptions, FilterSelect } from '#client/ui/filters.tsx';
import { ListPage } from '#client/query/list-page.tsx';
import { ChosenTests } from './chosen-tests.tsx';
import { type TestSearch, testSorts } from './test-search.ts';
import { TestTable } from './test-table.tsx';

const route = getRouteApi('/tests/');

const sortNames = { failed: 'Last failure', flaky: 'Flakiest', slow: 'Slowest' };

export function TestsPage() {
  const search = route.useSearch();
  const { q, sort = 'new', archived: archivedParam } = search;
  const archived = archivedParam === 'yes';
  const mayEdit = useMayEdit();
  const navigate = route.useNavigate();
  const utils = api.useUtils();
  const [chosenIds, choose] = useState<ReadonlySet<string>>(new Set());
  const query = api.tests.list.useInfiniteQuery(
    { search: q, sort, archived },
    { getNextPageParam: (page) => page.nextCursor, placeholderData: keepPreviousData },
  );
  // The activity feed has no results of the tests of a job.
  useOnResults(
    () => true,
    () => void utils.tests.list.invalidate(),
  );
  const tests = query.data?.pages.flatMap((page) => page.items) ?? [];
  const chosen = tests.filter(({ id }) => chosenIds.has(id));
  const change = (part: Partial<TestSearch>) =>
    void navigate({ to: '.', search: { ...search, ...part }, replace: true, resetScroll: false });

  return (
    <>
      <ListPage
        things="Tests"
        thing="test"
        search={q ?? ''}
        onSearch={(text) => change({ q: text || undefined })}
        filters={
          <>
            <FilterSelect
              label="Order"
              all="Newest first"
              value={search.sort}
              onChange={(value) =>
                change({ sort: testSorts.find((it) => it !== 'new' && it === value) as TestSearch['sort'] })
              }
            >
              <FilterOptions items={Object.entries(sortNames).map(([id, name]) => ({ id, name }))} />
            </FilterSelect>
            <ArchivedFilter value={archived} onChange={(value) => change({ archived: value ? 'yes' : undefined })} />
          </>
        }
        isFiltered={archived}
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
        <TestTable tests={tests} chosen={chosenIds} onChoose={mayEdit && !archived ? choose : undefined} />
      </ListPage>
      {chosen.length > 0 && <ChosenTests tests={chosen} onClear={() => choose(new Set())} />}
    </>
  );
}
