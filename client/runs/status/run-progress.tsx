import { ProgressBar } from '#client/ui/progress-bar.tsx';
import type { RunSummary } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';
import { statusLook } from './status-look.ts';
import { progressText } from '#shared/verdict-text.ts';

/** Progress and results of a run's cases. Screen readers announce each change of the run's status. */
export function RunProgress({ run }: { run: RunSummary }) {
  return (
    <div>
      <ProgressBar
        label="Tests finished"
        total={run.total}
        live={!isTerminal(run.status)}
        parts={[
          { count: run.passed, className: 'bg-good' },
          { count: run.failed, className: 'bg-bad' },
          { count: run.quarantined, className: 'bg-warn' },
          { count: run.skipped - run.notRun, className: 'bg-line-strong' },
        ]}
      />
      <p className="mt-1.5 text-sm text-muted tabular-nums">{progressText(run)}</p>
      <p role="status" className="sr-only">
        {run.name}: {statusLook[run.status].label}
      </p>
    </div>
  );
}
