import { plural } from '#client/ui/format.ts';
import { addressOfRun, ownDetails, verdictLine } from '#shared/run-export/run-words.ts';
import { cleanLine } from '#shared/clean-text.ts';
import { type Paint, signs } from '#sdk/cli/text/paint.ts';
import type { Run } from '#sdk/testing/wait-for-run.ts';
import { caseLine } from './case-text.ts';
import type { RunModel } from './run-model.ts';

/** Failures that a summary names. */
const mostNames = 50;

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
