import type { RunSummary } from '#shared/events.ts';

/** With what a run is compared: the newest run of the base branch, or the one before on its own branch, if it ran there before. */
export function previousText(
  run: Pick<RunSummary, 'branch'>,
  { previous, baseBranch }: { previous: Pick<RunSummary, 'branch'>; baseBranch: string | null },
): string {
  if (previous.branch === null) return 'the previous run';
  if (previous.branch === run.branch) return `the previous run of ${previous.branch}`;
  return previous.branch === baseBranch
    ? `the newest run of ${previous.branch}`
    : `the previous run, which was of ${previous.branch}`;
}
