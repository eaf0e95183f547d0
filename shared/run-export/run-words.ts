import { formatDuration } from '#shared/duration-text.ts';
import type { RunSummary, TestError } from '#shared/events.ts';
import { cleanLine, cleanText } from '#shared/clean-text.ts';
import { progressText } from '#shared/verdict-text.ts';

export function addressOfRun(url: string, runId: string): string {
  return `${url}/runs/${runId}`;
}

/** Of a case on the page of its run. */
export function addressOfCase(url: string, runId: string, index: number | undefined): string {
  return `${addressOfRun(url, runId)}${index === undefined ? '' : `?case=${index}`}`;
}

/** `the job "Checkout"`; the name is safe to show. */
export function runTitle({ kind, name }: Pick<RunSummary, 'kind' | 'name'>): string {
  return `the ${kind} "${cleanLine(name)}"`;
}

/** What is known of where the code came from: `main · 1a2b3c4 · Fix the total`. */
export function commitText({
  branch,
  commitSha,
  commitMessage,
}: Pick<RunSummary, 'branch' | 'commitSha' | 'commitMessage'>): string {
  return [branch, commitSha?.slice(0, 7), commitMessage]
    .filter((part) => part != null)
    .map(cleanLine)
    .join(' · ');
}

const verdicts = {
  passed: 'passed',
  failed: 'failed',
  error: 'ended without a verdict',
  cancelled: 'was cancelled',
  timed_out: 'timed out',
  queued: 'is queued',
  running: 'is running',
} as const satisfies Record<RunSummary['status'], string>;

/** `The job "Checkout" failed in 2 m 03 s: 3 of 750 failed, 2 flaky`. */
export function verdictLine(run: RunSummary): string {
  const title = runTitle(run);
  const time =
    run.duration === null ? '' : ` ${run.status === 'passed' ? 'in' : 'after'} ${formatDuration(run.duration)}`;
  return `${title[0]!.toUpperCase()}${title.slice(1)} ${verdicts[run.status]}${time}: ${progressText(run)}`;
}

/** Why the run has no better verdict, unless a failure says it already; empty without a reason. */
export function ownDetails(
  { errorDetails, errorCode }: Pick<RunSummary, 'errorDetails' | 'errorCode'>,
  failures: readonly { errors: readonly TestError[] }[],
): string {
  if (errorDetails === null || (errorCode === null && failures.length > 0)) return '';
  const details = cleanText(errorDetails).trim();
  const isSaid = failures.some(({ errors }) =>
    errors.some(({ message }) => details.startsWith(cleanText(message).trim())),
  );
  return isSaid ? '' : errorCode === null ? details : `${errorCode}: ${details}`;
}
