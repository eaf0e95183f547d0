import { formatDuration } from '#client/ui/format.ts';
import { errorLines } from '#shared/run-export/error-text.ts';
import { type Paint, signs } from '#sdk/cli/text/paint.ts';
import type { CaseView } from './run-model.ts';

export function signOf({ status, flaky, quarantined }: CaseView, paint: Paint): string {
  switch (status) {
    case 'passed':
      return flaky ? paint.yellow(signs.flaky) : paint.green(signs.passed);
    case 'failed':
    case 'timed_out':
      return quarantined ? paint.yellow(signs.failed) : paint.red(signs.failed);
    case 'interrupted':
      return paint.yellow(signs.stopped);
    case 'skipped':
      return paint.dim(signs.skipped);
    case 'pending':
    case 'running':
      return paint.dim(signs.waiting);
  }
}

/** What is said of a case beside its name: `2.1 s, attempt 2, in quarantine`. */
function remarksOf({ status, flaky, quarantined, duration, attempt, part }: CaseView): string {
  return [
    duration !== null && formatDuration(duration),
    status === 'timed_out' && 'timed out',
    status === 'interrupted' && 'interrupted',
    flaky ? `flaky: passed in attempt ${attempt + 1}` : attempt > 0 && `attempt ${attempt + 1}`,
    quarantined && 'in quarantine',
    part !== undefined && `shard ${part + 1}`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** The case on one line. */
export function caseLine(view: CaseView, paint: Paint): string {
  const remarks = remarksOf(view);
  return `${signOf(view, paint)} ${view.name}${remarks && paint.dim(` (${remarks})`)}`;
}

/** The case with its errors and its address, for a console; on one line if it failed before with the same message. */
export function failureBlock(view: CaseView, paint: Paint, address: string): string {
  const known = view.earlier.some(({ message }) => message === view.errors[0]?.message);
  if (known) return `${caseLine(view, paint)} with the same error\n`;
  const errors = view.errors.flatMap((error) => ['', ...errorLines(error, { colors: paint.isColorSupported })]);
  const lines = [...errors, '', paint.dim(address)].map((line) => (line === '' ? '' : `    ${line}`));
  return [caseLine(view, paint), ...lines, ''].join('\n');
}
