import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { FolderGit2, Radio } from 'lucide-react';
import { ArchivedFilter } from '#client/archive/archived-filter.tsx';
import { ListPage } from '#client/query/list-page.tsx';
import { api } from '#client/query/trpc.ts';
import { useOnResults } from '#client/runs/history/use-on-results.ts';
import { buttonClass } from '#client/ui/button.tsx';
import { SuiteTable } from './suite-table.tsx';
import { useOnNewSuites } from './use-on-new-suites.ts';

const route = getRouteApi('/suites/');

/** The Playwright projects of the team that have been reported. */
export function SuitesPage() {
  const { q, archived: archivedParam } = route.useSearch();
  const archived = archivedParam === 'yes';
  const navigate = route.useNavigate();
  const utils = api.useUtils();
  const query = api.suites.list.useInfiniteQuery(
    { search: q, archived },
    { getNextPageParam: (page) => page.nextCursor, placeholderData: keepPreviousData },
  );
  const suites = query.data?.pages.flatMap((page) => page.items) ?? [];
  const reload = () => void utils.suites.list.invalidate();
  useOnResults(({ kind }) => kind === 'suite', reload);
  useOnNewSuites(reload);

  return (
    <ListPage
      things="Suites"
      thing="suite"
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
      count={suites.length}
      create={
        <Link to="/suites/watch" className={buttonClass('primary')}>
          <Radio aria-hidden className="size-4" /> Watch your own suite
        </Link>
      }
      empty={{
        icon: <FolderGit2 />,
        title: 'No suite has reported yet',
        text: 'A suite is a Playwright project of your own. With one more option, its runs are live here, wherever they run: on a laptop or in a CI.',
      }}
      notFound="Try a shorter search. A suite appears here with its first run."
    >
      <SuiteTable suites={suites} />
    </ListPage>
  );
}
