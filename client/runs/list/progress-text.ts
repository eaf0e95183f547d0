import type { RunSummary } from '#shared/events.ts';

type Counts = Pick<RunSummary, 'total' | 'passed' | 'failed' | 'skipped' | 'notRun' | 'flaky'>;

/** Progress and failures of a run in a few characters: `3/7, 1 failed`. */
export function progressText({ total, passed, failed, skipped: left, notRun, flaky }: Counts): string {
  const skipped = left - notRun;
  const done = passed + failed + skipped;
  return [
    `${done}/${total}`,
    failed > 0 && `${failed} failed`,
    skipped > 0 && `${skipped} skipped`,
    notRun > 0 && `${notRun} not run`,
    flaky > 0 && `${flaky} flaky`,
  ]
    .filter(Boolean)
    .join(', ');
}
