import { formatDuration, plural } from '#client/ui/format.ts';
import { progressText } from '#shared/verdict-text.ts';
import { cleanLine, cleanText } from '#sdk/cli/text/clean-text.ts';
import { type Paint, signs } from '#sdk/cli/text/paint.ts';
import type { Run } from '#sdk/testing/wait-for-run.ts';
import { caseLine } from './case-text.ts';
import type { CaseView, RunModel } from './run-model.ts';

/** Failures that a summary names. */
const mostNames = 50;

export function addressOfRun(url: string, runId: string): string {
  return `${url}/runs/${runId}`;
}

/** Of a case on the page of its run. */
export function addressOfCase(url: string, runId: string, index: number | undefined): string {
  return `${addressOfRun(url, runId)}${index === undefined ? '' : `?case=${index}`}`;
}

/** `the job "Checkout"`; the name is safe to show. */
export function runTitle({ kind, name }: Pick<Run, 'kind' | 'name'>): string {
  return `the ${kind} "${cleanLine(name)}"`;
}

/** What is known of where the code came from: `main · 1a2b3c4 · Fix the total`. */
export function commitText({ branch, commitSha, commitMessage }: Run): string {
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
} as const satisfies Record<Run['status'], string>;

/** `The job "Checkout" failed in 2 m 03 s: 3 of 750 failed, 2 flaky`. */
export function verdictLine(run: Run): string {
  const title = runTitle(run);
  const time =
    run.duration === null ? '' : ` ${run.status === 'passed' ? 'in' : 'after'} ${formatDuration(run.duration)}`;
  return `${title[0]!.toUpperCase()}${title.slice(1)} ${verdicts[run.status]}${time}: ${progressText(run)}`;
}

/** Why the run has no better verdict, unless a failure says it already; empty without a reason. */
export function ownDetails({ errorDetails, errorCode }: Run, failures: readonly CaseView[]): string {
  if (errorDetails === null || (errorCode === null && failures.length > 0)) return '';
  const details = cleanText(errorDetails).trim();
  const isSaid = failures.some(({ errors }) =>
    errors.some(({ message }) => details.startsWith(cleanText(message).trim())),
  );
  return isSaid ? '' : errorCode === null ? details : `${errorCode}: ${details}`;
}

/** What a console says at the end: failures by name, the reason of a run without a verdict, the verdict and the address. */
export function summaryText(
  run: Run,
  model: RunModel,
  { paint, url, again }: { paint: Paint; url: string; again: readonly string[] },
): string {
  const failures = model.failures;
  const others = [...model.notable.values()].filter((view) => view.flaky || view.quarantined);
  const sign = { passed: paint.green(signs.passed), cancelled: paint.yellow(signs.stopped) };
  const shownSign = run.status in sign ? sign[run.status as keyof typeof sign] : paint.red(signs.failed);
  const details = ownDetails(run, failures).split('\n').slice(0, 40);
  const parts = run.parts.filter(({ errorDetails }) => errorDetails != null);
  return [
    ...(failures.length > 0 ? [paint.bold(`${plural(failures.length, 'failure')}:`)] : []),
    ...failures.slice(0, mostNames).map((view) => `  ${caseLine(view, paint)}`),
    ...(failures.length > mostNames ? [`  and ${failures.length - mostNames} more`] : []),
    ...others.slice(0, mostNames).map((view) => `  ${caseLine(view, paint)}`),
    ...(failures.length + others.length > 0 ? [''] : []),
    ...(details[0] === '' ? [] : details),
    ...parts.map(({ part, errorDetails }) => `Part ${part + 1}: ${cleanLine(errorDetails!)}`),
    ...(details[0] !== '' || parts.length > 0 ? [''] : []),
    ...(again.length > 0 ? ['Run again what failed:', ...again.map((command) => `  ${cleanLine(command)}`), ''] : []),
    `${shownSign} ${paint.bold(verdictLine(run))}`,
    paint.dim(addressOfRun(url, run.id)),
    '',
  ].join('\n');
}
