import { Link } from '@tanstack/react-router';
import { RunCommit } from '#client/runs/status/run-commit.tsx';
import { RunDuration } from '#client/runs/status/run-duration.tsx';
import { RunProgress } from '#client/runs/status/run-progress.tsx';
import { StatusBadge } from '#client/runs/status/status-badge.tsx';
import { triggerText } from '#client/runs/status/trigger-text.ts';
import { progressText } from '#shared/verdict-text.ts';
import { stripAnsi } from '#client/ui/ansi.ts';
import { Section } from '#client/ui/page.tsx';
import { RelativeTime } from '#client/ui/time.tsx';
import type { RunSummary } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';

/** The newest run of something: how it came out, or how far it is. */
export function NewestRun({ run }: { run: RunSummary }) {
  const isOver = isTerminal(run.status);
  return (
    <Section title={isOver ? 'Newest run' : 'This run'}>
      <div className="relative flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3 text-sm hover:bg-hover">
        <Link to="/runs/$runId" params={{ runId: run.id }} className="row-link">
          <StatusBadge status={run.status} />
          <span className="sr-only"> newest run of {run.name}</span>
        </Link>
        {isOver && <span className="font-medium tabular-nums">{progressText(run)}</span>}
        <span className="text-muted">
          <RunDuration run={run} />, <RelativeTime iso={run.startedAt ?? run.queuedAt} />, {triggerText(run)}
        </span>
        <RunCommit run={run} className="w-full" />
        {!isOver && (
          <div className="mt-1 w-full">
            <RunProgress run={run} />
          </div>
        )}
        {run.errorDetails && (
          <span className="w-full truncate text-muted" title={stripAnsi(run.errorDetails)}>
            {stripAnsi(run.errorDetails)}
          </span>
        )}
      </div>
    </Section>
  );
}
