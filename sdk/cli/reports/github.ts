import { errorLines } from '#shared/run-export/error-text.ts';
import type { CaseView } from '#sdk/cli/model/run-model.ts';
import { addressOfCase } from '#shared/run-export/run-words.ts';
import { runSummary } from '#shared/run-export/summary.ts';
import { fileOf, notableCases, type ReportedRun } from './reported-run.ts';

/** GitHub shows so many of each kind for a step. */
const mostAnnotations = 10;

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
  return runSummary(report, notableCases(report));
}
