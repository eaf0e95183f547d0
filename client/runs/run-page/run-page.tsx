import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, type ReactNode } from 'react';
import { LoadedPage } from '#client/query/loaded-page.tsx';
import { type Outputs } from '#client/query/trpc.ts';
import { PageHeader, Section } from '#client/ui/page.tsx';
import { Skeleton } from '#client/ui/states.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import { isTerminal } from '#shared/run-status.ts';
import { StatusBadge } from '#client/runs/status/status-badge.tsx';
import { LostStream } from '#client/live/lost-stream.tsx';
import { CancelRun, RetryRun } from '#client/runs/actions/run-actions.tsx';
import { RunDuration } from '#client/runs/status/run-duration.tsx';
import { RunOutput } from '#client/runs/log/run-output.tsx';
import { runTabs, type RunPageSearch, type RunTab } from './run-page-search.ts';
import { RunProblem } from '#client/runs/log/run-problem.tsx';
import { RunProgress } from '#client/runs/status/run-progress.tsx';
import { RunReport } from './run-report.tsx';
import { triggerText } from '#client/runs/status/trigger-text.ts';
import { statusLook } from '#client/runs/status/status-look.ts';
import { StepTree } from '#client/runs/log/step-tree.tsx';
import { useLiveRun } from '#client/runs/log/use-live-run.ts';
import { useRun } from './use-run.ts';

const RunArtifacts = lazy(() => import('./run-artifacts.tsx'));
const RunDetails = lazy(() => import('./run-details.tsx'));
const RunComparison = lazy(() => import('./run-comparison.tsx'));
const RunTimeline = lazy(() => import('#client/runs/log/run-timeline.tsx'));

const route = getRouteApi('/runs/$runId');

export function RunPage() {
  const { runId } = route.useParams();
  const { run, query } = useRun(runId);

  return (
    <LoadedPage thing="run" query={{ ...query, data: run }}>
      {(run) => <Run key={runId} run={run} />}
    </LoadedPage>
  );
}

function Run({ run }: { run: Outputs['runs']['byId'] }) {
  const { log, lost, reconnect } = useLiveRun(run.id);
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const live = !isTerminal(run.status);
  const tab = search.tab ?? 'log';
  const show = useCallback(
    (change: RunPageSearch) =>
      void navigate({
        to: '.',
        search: (now: RunPageSearch) => ({ ...now, ...change }),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  const selectStep = useCallback((step: string) => show({ step }), [show]);

  return (
    <>
      <PageHeader
        title={run.name}
        windowTitle={`${statusLook[run.status].label}: ${run.name}`}
        above={
          <Link to="/runs" className="link">
            Runs
          </Link>
        }
      >
        <CancelRun run={run} />
        <RetryRun run={run} />
      </PageHeader>

      {lost && <LostStream onReconnect={reconnect} />}

      <div className="card mb-5 space-y-4 p-4">
        <dl className="flex flex-wrap items-center gap-x-8 gap-y-2 text-sm">
          <Fact name="Status">
            <StatusBadge status={run.status} />
          </Fact>
          <Owner run={run} />
          <Fact name="Duration">
            <RunDuration run={run} />
          </Fact>
          <Fact name={run.startedAt ? 'Started' : 'Queued'}>
            <RelativeTime iso={run.startedAt ?? run.queuedAt} />, {triggerText(run)}
          </Fact>
          {run.retryOf && (
            <Fact name="Retry of">
              <Link to="/runs/$runId" params={{ runId: run.retryOf }} className="link">
                an earlier run
              </Link>
            </Fact>
          )}
        </dl>
        <RunProgress run={run} />
        <RunProblem run={run} />
        <Suspense>
          <RunDetails run={run} />
        </Suspense>
      </div>

      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
        <Section title="Tests and steps">
          <div className="max-h-[max(23rem,calc(100dvh-24rem))] overflow-auto max-lg:max-h-[60dvh]">
            <StepTree tests={run.tests} log={log} selected={search.step} onSelect={selectStep} />
          </div>
        </Section>
        <div className="card min-w-0 overflow-hidden">
          <Tabs run={run} current={tab} />
          {tab === 'log' && (
            <RunOutput
              run={run}
              log={log}
              className="max-h-[max(20rem,calc(100dvh-27rem))] min-h-40 max-lg:max-h-[60dvh]"
              line={search.line}
              onLine={(line) => show({ line })}
            />
          )}
          <Suspense fallback={<Skeleton label="Loading" rows={3} />}>
            {tab === 'report' &&
              (run.reportPath ? (
                <RunReport reportPath={run.reportPath} name={run.name} />
              ) : (
                <Nothing>{live ? 'The report is written when the run is over.' : 'This run left no report.'}</Nothing>
              ))}
            {tab === 'artifacts' &&
              (run.artifacts.length > 0 ? (
                <RunArtifacts run={run} opened={search.artifact} onOpen={(artifact) => show({ artifact })} />
              ) : (
                <Nothing>{live ? 'Files are kept when the run is over.' : 'This run left no files.'}</Nothing>
              ))}
            {tab === 'timeline' && (
              <RunTimeline tests={run.tests} log={log} live={live} selected={search.step} onSelect={selectStep} />
            )}
            {tab === 'compare' && <RunComparison run={run} />}
          </Suspense>
        </div>
      </div>
    </>
  );
}

const tabLabels: Record<RunTab, string> = {
  log: 'Log',
  report: 'Report',
  artifacts: 'Artifacts',
  timeline: 'Timeline',
  compare: 'Compare',
};

function Tabs({ run, current }: { run: Outputs['runs']['byId']; current: RunTab }) {
  return (
    <nav aria-label="Parts of the run" className="flex overflow-x-auto border-b border-line px-2">
      {runTabs.map((tab) => (
        <Link
          key={tab}
          to="."
          search={(now: RunPageSearch) => ({ ...now, tab: tab === 'log' ? undefined : tab, artifact: undefined })}
          resetScroll={false}
          aria-current={tab === current ? 'page' : undefined}
          activeProps={{}}
          className={`relative flex min-h-11 shrink-0 items-center gap-1.5 px-3 text-sm font-medium focus-visible:-outline-offset-4 ${tab === current ? 'text-ink after:absolute after:inset-x-3 after:bottom-0 after:h-0.5 after:rounded-full after:bg-lamp' : 'text-muted hover:text-ink'}`}
        >
          {tabLabels[tab]}
          {tab === 'artifacts' && run.artifacts.length > 0 && (
            <span className="text-xs text-muted tabular-nums">{run.artifacts.length}</span>
          )}
        </Link>
      ))}
    </nav>
  );
}

function Nothing({ children }: { children: ReactNode }) {
  return <p className="px-4 py-6 text-sm text-muted">{children}</p>;
}

/** A link to the run's test or job as it is now; the run has its own copy of the scripts. */
function Owner({ run }: { run: Outputs['runs']['byId'] }) {
  if (run.testId) {
    return (
      <Fact name="Test">
        <Link to="/tests/$testId" params={{ testId: run.testId }} className="link line-clamp-1" title={run.name}>
          {run.name}
        </Link>
      </Fact>
    );
  }
  if (run.jobId) {
    return (
      <Fact name="Job">
        <Link to="/jobs/$jobId" params={{ jobId: run.jobId }} className="link line-clamp-1" title={run.name}>
          {run.name}
        </Link>
      </Fact>
    );
  }
  return null;
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0 flex items-center gap-2">
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </div>
  );
}
