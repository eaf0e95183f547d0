import type { RunSummary } from '#shared/events.ts';

type Counts = Pick<RunSummary, 'total' | 'passed' | 'failed' | 'skipped' | 'flaky'>;

/** How far a run is and what went wrong in it, in a few characters: `3/7, 1 failed`. */
export function progressText({ total, passed, failed, skipped, flaky }: Counts): string {
  const done = passed + failed + skipped;
  return [
    `${done}/${total}`,
    failed > 0 && `${failed} failed`,
    skipped > 0 && `${skipped} skipped`,
    flaky > 0 && `${flaky} flaky`,
  ]
    .filter(Boolean)
    .join(', ');
}
