import { cleanLine } from '#shared/clean-text.ts';
import { formatDuration } from '#shared/duration-text.ts';
import type { TestError } from '#shared/events.ts';
import type { TestStatus } from '#shared/run-status.ts';
import { errorLines, firstErrorLine } from './error-text.ts';
import type { ExportedRun } from './exported-run.ts';
import { addressOfCase, addressOfRun, commitText, ownDetails, verdictLine } from './run-words.ts';

/** A case that did not pass, or was flaky. */
export interface NotableCase {
  /** Undefined for a script. */
  index: number | undefined;
  /** File and titles on one line. */
  name: string;
  status: TestStatus;
  flaky: boolean;
  quarantined: boolean;
  duration: number | null;
  errors: readonly TestError[];
  /** Of the failed attempts before. */
  earlier: readonly TestError[];
}

/** Failures that the summary shows whole; GitHub takes 1 MiB. */
const mostErrors = 20;
const mostRows = 200;
const mostCharsOfError = 8_000;

/** Markdown of what became of a run, with its failures. Texts of tests can break out of nothing. */
export function runSummary(
  report: ExportedRun,
  { failing, others }: { failing: readonly NotableCase[]; others: readonly NotableCase[] },
): string {
  const { run, url } = report;
  const commit = commitText(run);
  const details = ownDetails(run, failing);
  return [
    `### ${run.status === 'passed' ? '✅' : run.status === 'cancelled' ? '⏹️' : '❌'} ${html(verdictLine(run))}`,
    '',
    `[Open the run](${addressOfRun(url, run.id)})${commit && ` · ${html(commit)}`}`,
    '',
    ...(details === '' ? [] : [fenced(details), '']),
    ...failing.slice(0, mostErrors).flatMap((view) => errorOf(view, report)),
    ...tableOf('More failures', failing.slice(mostErrors), report),
    ...tableOf('Flaky, in quarantine or interrupted', others, report),
    '',
  ].join('\n');
}

function errorOf(view: NotableCase, report: ExportedRun): string[] {
  const text = view.errors.map((error) => errorLines(error).join('\n')).join('\n\n');
  return [
    `<details><summary>❌ ${html(view.name)}${view.duration === null ? '' : ` (${formatDuration(view.duration)})`}</summary>`,
    '',
    fenced(text.slice(0, mostCharsOfError)),
    '',
    `[Open the case](${addressOfCase(report.url, report.run.id, view.index)})`,
    '',
    '</details>',
    '',
  ];
}

function tableOf(title: string, views: readonly NotableCase[], { run, url }: ExportedRun): string[] {
  if (views.length === 0) return [];
  const rows = views.slice(0, mostRows).map((view) => {
    const error = firstErrorLine(view.errors.length > 0 ? view : { ...view, errors: view.earlier });
    const remark = view.flaky ? 'flaky' : view.quarantined ? 'in quarantine' : view.status.replace('_', ' ');
    return `| [${html(view.name)}](${addressOfCase(url, run.id, view.index)}) | ${remark} | ${html(error.slice(0, 200))} |`;
  });
  const more = views.length > mostRows ? [`| and ${views.length - mostRows} more | | |`] : [];
  return [`| ${title} | | Error |`, '| --- | --- | --- |', ...rows, ...more, ''];
}

/** A block of code that its text cannot end. */
function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

/** Text that neither Markdown nor HTML acts on. */
function html(text: string): string {
  return cleanLine(text).replaceAll(/[^\p{L}\p{N}\s.,;'"?%/…✓›·-]/gu, (character) => `&#${character.codePointAt(0)};`);
}
