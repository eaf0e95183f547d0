import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { LoadFailure } from '#client/load-failure.tsx';
import { type Outputs } from '#client/trpc.ts';
import { LogView } from '#client/ui/log-view.tsx';
import { PageHeader, Section } from '#client/ui/page.tsx';
import { Skeleton } from '#client/ui/states.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import { buttonClass } from '#client/ui/button.tsx';
import { isTerminal } from '#shared/run-status.ts';
import { StatusBadge } from './job-status.tsx';
import { LostStream } from './lost-stream.tsx';
import { CancelRun, ReportLink, RetryRun } from './run-actions.tsx';
import { RunArtifacts } from './run-artifacts.tsx';
import { RunDuration } from './run-duration.tsx';
import { RunProblem } from './run-problem.tsx';
import { RunProgress } from './run-progress.tsx';
import { triggerText } from './trigger-text.ts';
import { statusLook } from './status-look.ts';
import { StepTree } from './step-tree.tsx';
import { useLiveRun } from './use-live-run.ts';
import { useRun } from './use-run.ts';

const route = getRouteApi('/runs/$runId');

export function RunPage() {
  const { runId } = route.useParams();
  const { run, query } = useRun(runId);

  if (run) return <Run key={runId} run={run} />;
  if (query.isPending) return <Skeleton label="Loading the run" className="card" />;
  return (
    <LoadFailure
      thing="run"
      error={query.error}
      onRetry={query.refetch}
      back={
        <Link to="/runs" className={buttonClass()}>
          Show all runs
        </Link>
      }
    />
  );
}

function Run({ run }: { run: Outputs['runs']['byId'] }) {
  const { log, lost, reconnect } = useLiveRun(run.id);
  const live = !isTerminal(run.status);
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
        <ReportLink run={run} />
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
      </div>

      <div className="grid items-start gap-5 lg:grid-cols-2">
        <Section title="Tests and steps">
          <div className="max-h-[36rem] overflow-auto">
            <StepTree tests={run.tests} log={log} />
          </div>
        </Section>
        <Section title="Output" className="overflow-hidden">
          <LogView
            lines={log.lines}
            live={live}
            label="Output of the run"
            empty={live ? 'Nothing has been written yet.' : 'This run wrote nothing.'}
            className="max-h-[36rem] min-h-24"
          />
        </Section>
      </div>

      {run.artifacts.length > 0 && (
        <Section title="Artifacts" className="mt-5">
          <RunArtifacts run={run} />
        </Section>
      )}
    </>
  );
}

/** What was run, as it is now; the run has its own copy. */
function Owner({ run }: { run: Outputs['runs']['byId'] }) {
  if (run.testId) {
    return (
      <Fact name="Test">
        <Link to="/tests/$testId" params={{ testId: run.testId }} className="link">
          {run.name}
        </Link>
      </Fact>
    );
  }
  if (run.jobId) {
    return (
      <Fact name="Job">
        <Link to="/jobs/$jobId" params={{ jobId: run.jobId }} className="link">
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
