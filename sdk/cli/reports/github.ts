import { formatDuration } from '#client/ui/format.ts';
import { cleanLine } from '#sdk/cli/text/clean-text.ts';
import { errorLines, firstErrorLine } from '#sdk/cli/model/case-text.ts';
import type { CaseView } from '#sdk/cli/model/run-model.ts';
import { addressOfCase, addressOfRun, commitText, ownDetails, verdictLine } from '#sdk/cli/model/run-text.ts';
import { fileOf, notableCases, type ReportedRun } from './reported-run.ts';

/** GitHub shows so many of each kind for a step. */
const mostAnnotations = 10;
/** Failures that the summary shows whole; a summary may have 1 MiB. */
const mostErrors = 20;
const mostRows = 200;
const mostCharsOfError = 8_000;

/** Workflow commands: an error for each failure, a warning for each flaky case. */
export function annotations(report: ReportedRun): string {
  const { failing, others } = notableCases(report);
  const flaky = others.filter((view) => view.flaky);
  return [
    ...failing.slice(0, mostAnnotations).map((view) => annotation('error', view, report)),
    ...flaky.slice(0, mostAnnotations).map((view) => annotation('warning', view, report)),
  ].join('');
}

function annotation(level: 'error' | 'warning', view: CaseView, report: ReportedRun): string {
  const error = view.errors[0] ?? view.earlier[0];
  const file = fileOf(view, report);
  const properties = [
    ...(file === undefined ? [] : [`file=${escapedProperty(file)}`]),
    ...(file === undefined ? [] : [`line=${error?.line ?? view.line ?? 1}`]),
    `title=${escapedProperty(level === 'error' ? view.name : `Flaky: ${view.name}`)}`,
  ];
  const address = addressOfCase(report.url, report.run.id, view.index);
  const message = [...(error ? errorLines(error) : []), '', address].join('\n');
  return `::${level} ${properties.join(',')}::${escapedData(message)}\n`;
}

/** As GitHub's own toolkit escapes them. */
function escapedData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(text: string): string {
  return escapedData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Markdown for GITHUB_STEP_SUMMARY. */
export function stepSummary(report: ReportedRun): string {
  const { run, url } = report;
  const { failing, others } = notableCases(report);
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

function errorOf(view: CaseView, report: ReportedRun): string[] {
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

function tableOf(title: string, views: CaseView[], { run, url }: ReportedRun): string[] {
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
