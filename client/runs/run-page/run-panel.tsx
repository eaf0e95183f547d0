import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { errorText } from '#client/query/api-error.ts';
import type { Outputs } from '#client/query/trpc.ts';
import { LostStream } from '#client/live/lost-stream.tsx';
import { Section } from '#client/ui/page.tsx';
import { ErrorState, Skeleton } from '#client/ui/states.tsx';
import { isTerminal } from '#shared/run-status.ts';
import { CancelRun, ReportLink } from '#client/runs/actions/run-actions.tsx';
import { kindOf } from '#client/runs/case-data/case-kind.ts';
import type { CaseKind } from '#client/runs/case-data/list-options.ts';
import type { RunCases } from '#client/runs/case-data/run-cases.ts';
import { useRunCases } from '#client/runs/case-data/use-run-cases.ts';
import { CaseTree } from '#client/runs/case-tree/case-tree.tsx';
import CaseView from '#client/runs/case-view/case-view.tsx';
import { RunProblem } from '#client/runs/log/run-problem.tsx';
import { RunDuration } from '#client/runs/status/run-duration.tsx';
import { StatusBadge } from '#client/runs/status/status-badge.tsx';
import { statusLook } from '#client/runs/status/status-look.ts';
import { useRun } from './use-run.ts';
import { VerdictBar } from './verdict-bar.tsx';

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
  const live = useRunCases(run.id);
  const { cases, list } = live;
  const isLive = !isTerminal(run.status);
  const [chosen, setChosen] = useState<number>();
  const [attempt, setAttempt] = useState<number>();
  const index = chosen ?? caseToShow(cases);
  const choose = (index: number) => {
    setChosen(index);
    setAttempt(undefined);
  };
  return (
    <Section
      title={isLive ? 'This run' : 'Last run'}
      className="overflow-hidden"
      actions={
        <Link to="/runs/$runId" params={{ runId: run.id }} className="link text-sm">
          Whole run
        </Link>
      }
    >
      <div className="space-y-3 p-4">
        {live.lost && <LostStream onReconnect={live.reconnect} />}
        <div className="flex min-h-8 flex-wrap items-center gap-3 text-sm">
          <StatusBadge status={run.status} />
          <RunDuration run={run} />
          <div className="ml-auto flex gap-2">
            <CancelRun run={run} size="sm" />
            <ReportLink run={run} size="sm" />
          </div>
        </div>
        <VerdictBar run={run} total={cases.total} counts={cases.counts} />
        <RunProblem run={run} />
        <p role="status" className="sr-only">
          {run.name}: {statusLook[run.status].label}
        </p>
      </div>
      {cases.total > 1 && (
        <div className="flex border-t border-line" style={{ height: `min(${cases.total * 28 + 44}px, 16rem)` }}>
          <CaseTree
            runId={run.id}
            cases={cases}
            list={list}
            live={false}
            grouping="file"
            filter={undefined}
            errors={noErrors}
            chosen={index}
            onChoose={choose}
          />
        </div>
      )}
      {index !== undefined && (
        <div className="border-t border-line">
          <CaseView
            key={index}
            runId={run.id}
            index={index}
            state={cases.states[index]}
            live={isLive}
            attempt={attempt}
            onAttempt={setAttempt}
            small
          />
        </div>
      )}
    </Section>
  );
}

const noErrors: [] = [];

/** The first case that failed, else one that runs, else the first. */
function caseToShow({ states }: RunCases): number | undefined {
  const find = (...kinds: CaseKind[]) => states.find((state) => state && kinds.includes(kindOf(state)))?.[0];
  return find('failed', 'quarantined', 'interrupted') ?? find('running') ?? states.find(Boolean)?.[0];
}
