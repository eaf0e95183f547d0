import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowUp, History } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { toast } from '#client/ui/toast.ts';
import { useMayEdit } from '#client/session/use-may-edit.ts';
import { Loaded } from '#client/query/loaded.tsx';
import { api } from '#client/query/trpc.ts';
import { Button, buttonClass } from '#client/ui/button.tsx';
import { plural } from '#client/ui/format.ts';
import { PageHeader } from '#client/ui/page.tsx';
import { EmptyState } from '#client/ui/states.tsx';
import { useFilter } from '#client/ui/use-filter.ts';
import type { RunSummary } from '#shared/events.ts';
import { mergeRuns } from '#client/runs/activity/activity.ts';
import { belongsTo, toFilter, type RunFilter } from './run-filter.ts';
import { RunList } from './run-list.tsx';
import { useActivity } from '#client/runs/activity/use-activity.ts';
import { useHeldBack } from './use-held-back.ts';
import { useStartRun } from '#client/runs/actions/use-start-run.ts';

const CancelRuns = lazy(async () => ({
  default: (await import('#client/runs/actions/cancel-runs.tsx')).CancelRuns,
}));
const RetryDialog = lazy(() => import('#client/runs/actions/retry-dialog.tsx'));
const ChosenRuns = lazy(async () => ({ default: (await import('./chosen-runs.tsx')).ChosenRuns }));
const RunFilters = lazy(async () => ({ default: (await import('./run-filters.tsx')).RunFilters }));
const SavedFilterRow = lazy(async () => ({ default: (await import('./saved-filter-row.tsx')).SavedFilterRow }));

const route = getRouteApi('/runs/');

export function RunsPage() {
  const search = route.useSearch();
  const { filter, key, isFiltered, change, clear } = useFilter(search, toFilter, route.useNavigate());
  return (
    <>
      <PageHeader title="Runs" />
      <Suspense fallback={<div className="min-h-[5.5rem]" />}>
        <RunFilters search={search} onChange={change} onClear={clear} />
      </Suspense>
      <Suspense>
        <SavedFilterRow search={search} />
      </Suspense>
      <Runs key={key} filter={filter} filtered={isFiltered} />
    </>
  );
}

function Runs({ filter, filtered }: { filter: RunFilter; filtered: boolean }) {
  const activity = useActivity();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [cancelling, setCancelling] = useState<ReadonlySet<string>>(new Set());
  /** A run that is run again where it came from. */
  const [elsewhere, setElsewhere] = useState<RunSummary | null>(null);
  const [askAbout, setAskAbout] = useState<readonly string[] | null>(null);
  const top = useRef<HTMLDivElement>(null);
  const scrolledDown = useIsAbove(top);
  const mayEdit = useMayEdit();
  const { retry } = useStartRun();

  const query = api.runs.list.useInfiniteQuery(filter, { getNextPageParam: (page) => page.nextCursor });
  const { hasNextPage } = query;
  const runs = useMemo(
    () =>
      mergeRuns(
        query.data?.pages.flatMap((page) => page.items) ?? [],
        activity,
        (run) => belongsTo(filter, run),
        !hasNextPage,
      ),
    [query.data, activity, filter, hasNextPage],
  );
  const { shown, waiting, release } = useHeldBack(runs, scrolledDown || selected.size > 0);
  const chosen = shown.filter(({ id }) => selected.has(id));

  const startAgain = (run: RunSummary) => {
    if (run.origin === 'reporter') return setElsewhere(run);
    retry.mutate({ runId: run.id }, { onSuccess: () => void toast.info(`“${run.name}” runs again`) });
  };
  const cancel = useCallback((run: RunSummary) => setAskAbout([run.id]), []);

  if (query.isPending || runs.length === 0) {
    return (
      <div className="card">
        <Loaded query={query} what="runs" rows={8}>
          {() => (filtered ? <NoMatch /> : <NoRuns />)}
        </Loaded>
      </div>
    );
  }
  return (
    <div ref={top} className="relative">
      {waiting > 0 && (
        <div className="pointer-events-none sticky top-20 z-20 flex h-0 justify-center">
          <Button
            variant="primary"
            size="sm"
            className="pointer-events-auto translate-y-12 rounded-full shadow-lg"
            onClick={() => {
              setSelected(new Set());
              release();
              window.scrollTo({ top: 0 });
            }}
          >
            <ArrowUp aria-hidden className="size-4" /> {plural(waiting, 'new run')}
          </Button>
        </div>
      )}
      <div className="@container card overflow-clip">
        <RunList
          runs={shown}
          editable={mayEdit}
          selected={selected}
          onSelect={setSelected}
          cancelling={cancelling}
          onCancel={cancel}
          onRetry={startAgain}
          pages={query}
        />
      </div>
      {chosen.length > 0 && (
        <Suspense>
          <ChosenRuns
            runs={chosen}
            onCancel={() => setAskAbout(chosen.map(({ id }) => id))}
            onRetry={(finished) => {
              for (const run of finished) startAgain(run);
              setSelected(new Set());
            }}
            onClear={() => setSelected(new Set())}
          />
        </Suspense>
      )}
      {elsewhere && (
        <Suspense>
          <RetryDialog run={elsewhere} onClose={() => setElsewhere(null)} />
        </Suspense>
      )}
      {askAbout && (
        <Suspense>
          <CancelRuns
            runs={runs.filter(({ id }) => askAbout.includes(id))}
            onAsked={(runIds) => {
              setCancelling((known) => new Set([...known, ...runIds]));
              setSelected(new Set());
            }}
            onClose={() => setAskAbout(null)}
          />
        </Suspense>
      )}
    </div>
  );
}

function NoMatch() {
  return (
    <EmptyState icon={<History />} title="No run matches">
      <p>New runs that match the filters appear here.</p>
      <Link to="/runs" search={{}} className={buttonClass()}>
        Show all runs
      </Link>
    </EmptyState>
  );
}

function NoRuns() {
  return (
    <EmptyState icon={<History />} title="Nothing has run yet">
      <p>
        This page lists every run of a test, a job or a suite, with its log and report. Open a test and choose Run, or
        watch a Playwright suite of your own.
      </p>
      <span className="flex flex-wrap justify-center gap-2">
        <Link to="/tests" className={buttonClass('primary')}>
          Go to the tests
        </Link>
        <Link to="/suites/watch" className={buttonClass()}>
          Watch your own suite
        </Link>
      </span>
    </EmptyState>
  );
}

/** True while the top of an element has been scrolled out of sight. */
function useIsAbove(element: { current: HTMLElement | null }): boolean {
  const [above, setAbove] = useState(false);
  useEffect(() => {
    const onScroll = () => setAbove((element.current?.getBoundingClientRect().top ?? 0) < 0);
    window.addEventListener('scroll', onScroll, { passive: true });
    return () => window.removeEventListener('scroll', onScroll);
  }, [element]);
  return above;
}
