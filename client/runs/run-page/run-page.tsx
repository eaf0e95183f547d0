import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { LoadedPage } from '#client/query/loaded-page.tsx';
import type { Outputs } from '#client/query/trpc.ts';
import { LostStream } from '#client/live/lost-stream.tsx';
import { useIsGuest } from '#client/session/guest.ts';
import { Skeleton } from '#client/ui/states.tsx';
import { isTerminal } from '#shared/run-status.ts';
import { isStarting } from '#client/runs/case-data/run-cases.ts';
import { useRunCases } from '#client/runs/case-data/use-run-cases.ts';
import { RunProblem } from '#client/runs/log/run-problem.tsx';
import { RunHeader } from './run-header.tsx';
import { useLiveRunStatus } from './use-live-run-status.ts';
import { useRun } from './use-run.ts';
import { VerdictBar } from './verdict-bar.tsx';
import { useRunView } from './use-run-view.ts';

const loadPanes = () => import('./run-panes.tsx');
// Asked for with the page's own code, though the page is drawn before they are there. A failure is that of the next attempt.
loadPanes().catch(() => {});
const RunPanes = lazy(loadPanes);
const RunStart = lazy(() => import('./run-start.tsx'));
const RunSettings = lazy(() => import('./run-settings.tsx'));
const ShardLanes = lazy(() => import('./shard-lanes.tsx'));
const PartNotes = lazy(() => import('./part-notes.tsx'));

const route = getRouteApi('/runs/$runId');

export function RunPage() {
  const { runId } = route.useParams();
  return <WholeRun runId={runId} />;
}

export function WholeRun({ runId }: { runId: string }) {
  // Members have its state from the feed of their project.
  useLiveRunStatus(useIsGuest() ? runId : null, () => {});
  const { run, query } = useRun(runId);
  return (
    <LoadedPage thing="run" query={{ ...query, data: run }}>
      {(run) => <Run key={runId} run={run} />}
    </LoadedPage>
  );
}

function Run({ run }: { run: Outputs['runs']['byId'] }) {
  const live = useRunCases(run.id);
  const { cases, list } = live;
  const isLive = !isTerminal(run.status);
  const { view, show, gone } = useRunView(cases);
  const part = /^shard:(\d+)$/.exec(view.q ?? '')?.[1];
  // On a phone, a case is a page of its own.
  const onPhone = view.case === undefined ? '' : 'max-lg:hidden';
  return (
    <div className="flex flex-col gap-3 sm:-my-4 lg:h-[calc(100dvh-5.25rem)] lg:min-h-[34rem]">
      <div className={`space-y-2.5 ${onPhone}`}>
        <RunHeader run={run} />
        {live.lost && <LostStream onReconnect={live.reconnect} />}
        <VerdictBar
          run={run}
          total={cases.total}
          counts={cases.counts}
          filter={view.filter}
          onFilter={(filter) => show({ filter })}
        />
        <Suspense>
          {isLive && cases.version > 0 && isStarting(cases) && <RunStart run={run} cases={cases} />}
          {cases.parts.length > 1 && (
            <ShardLanes
              runId={run.id}
              queuedAt={run.queuedAt}
              expectedDuration={run.expectedDuration}
              cases={cases}
              list={list}
              live={isLive}
              chosen={part === undefined ? undefined : Number(part) - 1}
              onChoose={(chosen) => show({ q: chosen === undefined ? undefined : `shard:${chosen + 1}` })}
            />
          )}
          {run.kind === 'suite' && <PartNotes parts={cases.parts} live={isLive} origin={run.origin} />}
        </Suspense>
        <RunProblem run={run} />
        <Suspense>
          <RunSettings tests={run.tests} />
        </Suspense>
      </div>
      <Suspense fallback={<Skeleton label="Loading the tests" className="card" />}>
        <RunPanes run={run} live={live} isLive={isLive} view={view} onView={show} gone={gone} />
      </Suspense>
    </div>
  );
}
