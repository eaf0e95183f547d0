import type { RunSummary } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';

type Counts = Pick<
  RunSummary,
  'status' | 'total' | 'passed' | 'failed' | 'skipped' | 'notRun' | 'flaky' | 'quarantined'
>;

/** What became of a run's cases: `2 of 40 failed, 1 flaky`; while it goes on, `12 of 40 done, 2 failed`. */
export function progressText(run: Counts): string {
  const { total, passed, failed, notRun, flaky, quarantined } = run;
  const skipped = run.skipped - notRun;
  const isOver = isTerminal(run.status);
  return [
    isOver ? resultText(run) : `${passed + failed + quarantined + skipped} of ${total} done`,
    !isOver && failed > 0 && `${failed} failed`,
    quarantined > 0 && `${quarantined} failed in quarantine`,
    flaky > 0 && `${flaky} flaky`,
    skipped > 0 && `${skipped} skipped`,
    notRun > 0 && notRun < total && `${notRun} not run`,
  ]
    .filter(Boolean)
    .join(', ');
}

function resultText({ total, passed, failed, notRun }: Counts): string {
  if (failed > 0) return `${failed} of ${total} failed`;
  if (notRun === total) return 'None ran';
  return passed === total ? `${total} passed` : `${passed} of ${total} passed`;
}
