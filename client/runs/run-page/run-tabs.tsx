import { Link } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense } from 'react';
import type { Query } from '#client/query/loaded.tsx';
import { api, type Outputs } from '#client/query/trpc.ts';
import { useIsGuest } from '#client/session/guest.ts';
import { Skeleton } from '#client/ui/states.tsx';
import type { CaseList } from '#client/runs/case-data/case-list.ts';
import type { RunCases } from '#client/runs/case-data/run-cases.ts';
import RunErrors from './run-errors.tsx';
import { RunReport } from './run-report.tsx';
import { type RunPageSearch, type RunTab, runTabs } from './run-page-search.ts';
import { viewAddress } from './use-run-view.ts';

const RunArtifacts = lazy(() => import('./run-artifacts.tsx'));
const RunComparison = lazy(() => import('./run-comparison.tsx'));
const RunTimeline = lazy(() => import('./run-timeline.tsx'));
const WholeLog = lazy(() => import('./whole-log.tsx'));

const filesEveryMs = 5_000;

const labels: Record<RunTab, string> = {
  errors: 'Errors',
  log: 'Log',
  timeline: 'Timeline',
  compare: 'Compare',
  artifacts: 'Artifacts',
  report: 'Report',
};

/** What there is of the whole run. Of a run with one case, the first tab is the case. */
export function RunTabs({
  run,
  cases,
  list,
  isLive,
  view,
  onView,
  onCase,
  errors,
  only,
  caseView,
}: {
  run: Outputs['runs']['byId'];
  cases: RunCases;
  list: CaseList;
  isLive: boolean;
  view: RunPageSearch;
  onView: (change: RunPageSearch) => void;
  onCase: (index: number) => void;
  errors: Query<Outputs['runs']['errors']>;
  /** The run has one case. */
  only: boolean;
  caseView: ReactNode;
}) {
  const tab = caseView ? undefined : (view.tab ?? 'errors');
  // Files of a reported run come while it goes on; nothing else of it is read again before its end.
  api.runs.byId.useQuery(
    { runId: run.id },
    { enabled: tab === 'artifacts' && isLive && run.kind === 'suite', refetchInterval: filesEveryMs },
  );
  const isGuest = useIsGuest();
  const output = run.artifacts.find(({ kind, path }) => kind === 'log' && path.endsWith('/output.log'));
  const nothing = (text: string) => <p className="px-4 py-6 text-sm text-muted">{text}</p>;
  return (
    <>
      <TabBar run={run} only={only} errors={errors} current={tab ?? (only ? 'case' : 'cases')} />
      <Suspense fallback={<Skeleton label="Loading" rows={3} />}>
        {tab === undefined && caseView}
        {tab === 'log' && (
          <WholeLog
            runId={run.id}
            list={list}
            cases={cases}
            live={isLive}
            line={view.line}
            onLine={(line) => onView({ line })}
            addressOf={(line) => viewAddress({}, { tab, line })}
            downloadUrl={output?.path}
          />
        )}
        {tab === 'timeline' && <RunTimeline runId={run.id} list={list} cases={cases} live={isLive} onCase={onCase} />}
        {tab !== undefined && tab !== 'log' && tab !== 'timeline' && (
          <div className="min-h-0 flex-1 overflow-y-auto">
            {tab === 'errors' && (
              <RunErrors
                query={errors}
                list={list}
                live={isLive}
                runId={run.id}
                onCase={onCase}
                onGroup={() => onView({ group: 'error', tab: undefined })}
              />
            )}
            {tab === 'compare' && !isGuest && (
              <RunComparison run={run} withId={view.with} onWith={(runId) => onView({ with: runId })} />
            )}
            {tab === 'artifacts' &&
              (run.artifacts.length > 0 ? (
                <RunArtifacts
                  run={run}
                  list={list}
                  opened={view.artifact}
                  onOpen={(artifact) => onView({ artifact })}
                  onCase={onCase}
                />
              ) : (
                nothing(
                  !isLive
                    ? 'This run left no files.'
                    : run.kind === 'suite'
                      ? 'No file has come yet.'
                      : 'Files are kept when the run is over.',
                )
              ))}
            {tab === 'report' &&
              (run.reportPath ? (
                <RunReport reportPath={run.reportPath} name={run.name} />
              ) : (
                nothing(isLive ? 'The report comes when the run is over.' : 'This run left no report.')
              ))}
          </div>
        )}
      </Suspense>
    </>
  );
}

/** Links to all of these; on a narrow screen also to the list of cases. */
export function TabBar({
  run,
  only,
  errors,
  current,
}: {
  run: Outputs['runs']['byId'];
  only: boolean;
  errors: Query<Outputs['runs']['errors']>;
  current: RunTab | 'case' | 'cases';
}) {
  const isGuest = useIsGuest();
  return (
    <nav aria-label="Parts of the run" className="flex shrink-0 overflow-x-auto border-b border-line px-2">
      {only ? (
        <Tab to={undefined} current={current === 'case'} label="Test" />
      ) : (
        <Tab to={undefined} current={current === 'cases'} label="Tests" className="lg:hidden" />
      )}
      {runTabs
        .filter((it) => (!only || it !== 'errors') && (!isGuest || it !== 'compare'))
        .map((it) => (
          <Tab key={it} to={it} current={it === current} label={labels[it]}>
            {it === 'errors' && count(errors.data?.items.length)}
            {it === 'artifacts' && count(run.artifacts.length)}
          </Tab>
        ))}
    </nav>
  );
}

function Tab({
  to,
  current,
  label,
  className = '',
  children,
}: {
  to: RunTab | undefined;
  current: boolean;
  label: string;
  className?: string;
  children?: ReactNode;
}) {
  return (
    <Link
      to="."
      search={(now: RunPageSearch) => ({
        ...now,
        tab: to,
        case: undefined,
        attempt: undefined,
        step: undefined,
        line: undefined,
        artifact: undefined,
      })}
      resetScroll={false}
      aria-current={current ? 'page' : undefined}
      activeProps={{}}
      className={`relative flex min-h-10 shrink-0 items-center gap-1.5 px-3 text-sm font-medium focus-visible:-outline-offset-4 ${current ? 'text-ink after:absolute after:inset-x-3 after:bottom-0 after:h-0.5 after:rounded-full after:bg-lamp' : 'text-muted hover:text-ink'} ${className}`}
    >
      {label}
      {children}
    </Link>
  );
}

const count = (number: number | undefined) =>
  number ? <span className="text-xs text-muted tabular-nums">{number.toLocaleString()}</span> : null;
