import { ProgressBar } from '#client/ui/progress-bar.tsx';
import { plural } from '#client/ui/format.ts';
import type { RunSummary } from '#shared/events.ts';
import { isTerminal, type TestStatus } from '#shared/run-status.ts';
import { shownTestStatus, type ShownTestStatus, statusLook } from './status-look.ts';

/** Progress and results of a run's tests. Screen readers announce each change of the run's status. */
export function RunProgress({
  run,
}: {
  run: RunSummary & { tests?: readonly { status: TestStatus; duration: number | null }[] };
}) {
  const countOf = (status: ShownTestStatus) =>
    run.tests?.filter((test) => shownTestStatus(test) === status).length ?? 0;
  const notRun = countOf('not_run');
  const interrupted = countOf('interrupted');
  const skipped = run.skipped - notRun;
  const done = run.passed + run.failed + skipped;
  const counts = [
    run.passed > 0 && `${run.passed} passed`,
    run.failed > 0 && `${run.failed} failed`,
    interrupted > 0 && `${interrupted} interrupted`,
    skipped > 0 && `${skipped} skipped`,
    notRun > 0 && `${notRun} not run`,
    run.flaky > 0 && `${run.flaky} flaky`,
  ].filter(Boolean);
  return (
    <div>
      <ProgressBar
        label="Tests finished"
        total={run.total}
        live={!isTerminal(run.status)}
        parts={[
          { count: run.passed, className: 'bg-good' },
          { count: run.failed, className: 'bg-bad' },
          { count: skipped, className: 'bg-line-strong' },
        ]}
      />
      <p className="mt-1.5 text-sm text-muted tabular-nums">
        {done} of {plural(run.total, 'test')}
        {counts.length > 0 && ` · ${counts.join(', ')}`}
      </p>
      <p role="status" className="sr-only">
        {run.name}: {statusLook[run.status].label}
      </p>
    </div>
  );
}
