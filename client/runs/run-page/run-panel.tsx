import { Link } from '@tanstack/react-router';
import { Section } from '#client/ui/page.tsx';
import { ErrorState, Skeleton } from '#client/ui/states.tsx';
import { isTerminal } from '#shared/run-status.ts';
import { errorText } from '#client/query/api-error.ts';
import type { Outputs } from '#client/query/trpc.ts';
import { StatusBadge } from '#client/runs/status/status-badge.tsx';
import { LostStream } from '#client/live/lost-stream.tsx';
import { CancelRun, ReportLink } from '#client/runs/actions/run-actions.tsx';
import { RunDuration } from '#client/runs/status/run-duration.tsx';
import { RunOutput } from '#client/runs/log/run-output.tsx';
import { RunProblem } from '#client/runs/log/run-problem.tsx';
import { RunProgress } from '#client/runs/status/run-progress.tsx';
import { StepTree } from '#client/runs/log/step-tree.tsx';
import { useLiveRun } from '#client/runs/log/use-live-run.ts';
import { useRun } from './use-run.ts';

/** A run as part of another page: status, steps and output as they happen. Use the run's id as `key`. */
export function RunPanel({ runId }: { runId: string }) {
  const { run, query } = useRun(runId);
  if (run) return <Panel run={run} />;
  return (
    <Section title="Run">
      {query.isPending ? (
        <Skeleton label="Loading the run" />
      ) : (
        <ErrorState
          title="The run could not be loaded"
          cause={errorText(query.error)}
          onRetry={() => void query.refetch()}
        />
      )}
    </Section>
  );
}

function Panel({ run }: { run: Outputs['runs']['byId'] }) {
  const { log, lost, reconnect } = useLiveRun(run.id);
  const live = !isTerminal(run.status);
  return (
    <Section
      title={live ? 'This run' : 'Last run'}
      className="overflow-hidden"
      actions={
        <Link to="/runs/$runId" params={{ runId: run.id }} className="link text-sm">
          Whole run
        </Link>
      }
    >
      <div className="space-y-3 p-4">
        {lost && <LostStream onReconnect={reconnect} />}
        <div className="flex min-h-8 flex-wrap items-center gap-3 text-sm">
          <StatusBadge status={run.status} />
          <RunDuration run={run} />
          <div className="ml-auto flex gap-2">
            <CancelRun run={run} size="sm" />
            <ReportLink run={run} size="sm" />
          </div>
        </div>
        <RunProgress run={run} />
        <RunProblem run={run} />
      </div>
      <div className="max-h-96 overflow-auto border-t border-line">
        <StepTree tests={run.tests} log={log} />
      </div>
      <h3 className="border-t border-line px-4 py-2 text-sm font-semibold">Output</h3>
      <div className="border-t border-line">
        <RunOutput run={run} log={log} className="max-h-64 min-h-24" />
      </div>
    </Section>
  );
}
