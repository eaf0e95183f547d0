import { keepPreviousData } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { FolderGit2, Radio } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { ArchivedFilter } from '#client/archive/archived-filter.tsx';
import { ListPage } from '#client/query/list-page.tsx';
import { api } from '#client/query/trpc.ts';
import { useOnResults } from '#client/runs/history/use-on-results.ts';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { Button, buttonClass } from '#client/ui/button.tsx';
import { SuiteTable } from './suite-table.tsx';
import { useOnNewSuites } from './use-on-new-suites.ts';

const GitSourceDialog = lazy(() => import('./git/git-source-dialog.tsx'));

const route = getRouteApi('/suites/');

/** The Playwright projects of the team. */
export function SuitesPage() {
  const { q, archived: archivedParam } = route.useSearch();
  const archived = archivedParam === 'yes';
  const navigate = route.useNavigate();
  const utils = api.useUtils();
  const mayEdit = useMayEdit();
  const [adding, setAdding] = useState(false);
  const query = api.suites.list.useInfiniteQuery(
    { search: q, archived },
    { getNextPageParam: (page) => page.nextCursor, placeholderData: keepPreviousData },
  );
  const suites = query.data?.pages.flatMap((page) => page.items) ?? [];
  const reload = () => void utils.suites.list.invalidate();
  useOnResults(({ kind }) => kind === 'suite', reload);
  useOnNewSuites(reload);

  return (
    <>
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
          <>
            {mayEdit && (
              <Button onClick={() => setAdding(true)}>
                <FolderGit2 aria-hidden className="size-4" /> Add from git
              </Button>
            )}
            <Link to="/suites/watch" className={buttonClass('primary')}>
              <Radio aria-hidden className="size-4" /> Watch your own suite
            </Link>
          </>
        }
        empty={{
          icon: <FolderGit2 />,
          title: 'No suite yet',
          text: 'A suite is a Playwright project of your own. With one more option, its runs are live here, wherever they run: on a laptop or in a CI. Runlight’s own workers run suites that are pushed, or fetched from git.',
        }}
        notFound="Try a shorter search. A suite appears here with its first run or push, or when it is added from git."
      >
        <SuiteTable suites={suites} />
      </ListPage>
      {adding && (
        <Suspense>
          <GitSourceDialog
            onAdded={(suiteId) =>
              void navigate({ to: '/suites/$suiteId', params: { suiteId }, search: { tab: 'bundles' } })
            }
            onClose={() => setAdding(false)}
          />
        </Suspense>
      )}
    </>
  );
}
