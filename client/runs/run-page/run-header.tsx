import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import type { Outputs } from '#client/query/trpc.ts';
import { useIsGuest } from '#client/session/guest.ts';
import { RelativeTime } from '#client/ui/time.tsx';
import { useNow } from '#client/ui/use-now.ts';
import { WindowTitle } from '#client/ui/window-title.tsx';
import { isTerminal } from '#shared/run-status.ts';
import { CancelRun, RetryRun } from '#client/runs/actions/run-actions.tsx';
import { RunDuration } from '#client/runs/status/run-duration.tsx';
import { StatusBadge } from '#client/runs/status/status-badge.tsx';
import { statusLook } from '#client/runs/status/status-look.ts';
import { triggerText } from '#client/runs/status/trigger-text.ts';
import { timeLeftText } from '#shared/time-left.ts';

const ShareRun = lazy(() => import('./share-run.tsx'));
const ComparedCounts = lazy(() => import('./compared-counts.tsx'));
const RunOrigin = lazy(() => import('./run-origin.tsx'));

type Run = Outputs['runs']['byId'];

/** What the run is, how it stands, and what can be done with it. */
export function RunHeader({ run }: { run: Run }) {
  const live = !isTerminal(run.status);
  const isGuest = useIsGuest();
  return (
    <div>
      <WindowTitle title={`${statusLook[run.status].label}: ${run.name}`} />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1
          className="max-w-full min-w-0 truncate text-xl font-semibold tracking-tight max-lg:line-clamp-2 max-lg:whitespace-normal"
          title={run.name}
        >
          {run.name}
        </h1>
        <dl className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
          <Fact name="Status">
            <StatusBadge status={run.status} />
          </Fact>
          <Fact name="Duration">
            <RunDuration run={run} />
            {live && <TimeLeft run={run} />}
          </Fact>
        </dl>
        <div className="ml-auto flex flex-wrap items-center gap-2">
          <Suspense>
            <ShareRun run={run} />
          </Suspense>
          <CancelRun run={run} size="sm" />
          <RetryRun run={run} size="sm" />
        </div>
      </div>
      <p className="mt-1 flex flex-wrap items-center gap-x-4 gap-y-1 text-sm text-muted">
        <Owner run={run} />
        <span>
          {run.startedAt ? 'Started' : 'Queued'} <RelativeTime iso={run.startedAt ?? run.queuedAt} />,{' '}
          {triggerText(run)}
        </span>
        {run.retryOf && (
          <Link to="/runs/$runId" params={{ runId: run.retryOf }} className="link">
            Retry of an earlier run
          </Link>
        )}
        {run.cancelRequestedBy && <Cancelled by={run.cancelRequestedBy} status={run.status} />}
        {!live && !isGuest && (
          <Suspense>
            <ComparedCounts run={run} />
          </Suspense>
        )}
      </p>
      {(run.kind === 'suite' || run.branch !== null || run.commitSha !== null || run.pullRequest !== null) && (
        <Suspense fallback={<div className="mt-1 h-5" />}>
          <RunOrigin run={run} />
        </Suspense>
      )}
      <p role="status" className="sr-only">
        {run.name}: {statusLook[run.status].label}
      </p>
    </div>
  );
}

function TimeLeft({ run: { status, startedAt, expectedDuration } }: { run: Run }) {
  const now = useNow(1_000);
  if (status !== 'running' || !startedAt || expectedDuration === null) return null;
  return <span className="text-muted">{timeLeftText(now - Date.parse(startedAt), expectedDuration)}</span>;
}

/** Who asked to cancel the run. What came of it may be another end: the tests were done before it reached them. */
function Cancelled({ by, status }: { by: string; status: Run['status'] }) {
  if (!isTerminal(status)) return <span className="font-medium text-warn">Cancelling…: asked by {by}</span>;
  return status === 'cancelled' ? <span>Cancelled by {by}</span> : null;
}

/** Links to the run's test, job or suite as they are now; the run has its own copy of the scripts. */
function Owner({ run: { testId, jobId, suiteId } }: { run: Run }) {
  return (
    <>
      {testId && (
        <Link to="/tests/$testId" params={{ testId }} className="link">
          Open the test
        </Link>
      )}
      {jobId && (
        <Link to="/jobs/$jobId" params={{ jobId }} className="link">
          Open the job
        </Link>
      )}
      {suiteId && (
        <Link to="/suites/$suiteId" params={{ suiteId }} className="link">
          Open the suite
        </Link>
      )}
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt className="sr-only">{name}</dt>
      <dd className="flex items-center gap-2">{children}</dd>
    </div>
  );
}
