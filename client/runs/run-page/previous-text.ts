import type { RunSummary } from '#shared/events.ts';

/** With what a run is compared. A suite runs on many branches: the comparison is with the same one, if it ran there before. */
export function previousText(run: Pick<RunSummary, 'branch'>, previous: Pick<RunSummary, 'branch'>): string {
  if (previous.branch === null) return 'the previous run';
  return previous.branch === run.branch
    ? `the previous run of ${previous.branch}`
    : `the previous run, which was of ${previous.branch}`;
}
