import { isFailedTest } from '#shared/run-status.ts';
import { cleanLine, cleanText } from '#sdk/cli/text/clean-text.ts';
import type { CaseError, CaseView } from '#sdk/cli/model/run-model.ts';
import { errorLines, firstErrorLine } from '#sdk/cli/model/case-text.ts';
import { addressOfCase, addressOfRun } from '#sdk/cli/model/run-text.ts';
import type { CaseResult } from './list-results.ts';
import { fileOf, type ReportedRun } from './reported-run.ts';

/** JUnit XML as Jenkins' schema has it: a suite for each file or script in each Playwright project, a case for each case. */
export function junitReport(report: ReportedRun, results: readonly CaseResult[]): string {
  const { run } = report;
  const suites = new Map<string, CaseResult[]>();
  for (const result of results) {
    const key = JSON.stringify([result.project, result.position, result.file]);
    suites.set(key, [...(suites.get(key) ?? []), result]);
  }
  const texts = [...suites.values()].map((cases) => suiteOf(report, cases));
  const { name, tests, failures, time } = totals(cleanLine(run.name), results);
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="${name}" tests="${tests}" failures="${failures}" errors="0" time="${time}">
${texts.join('\n')}
</testsuites>
`;
}

function suiteOf(report: ReportedRun, results: CaseResult[]): string {
  const { run, url } = report;
  const { project, part } = results[0]!;
  const place = placeOf(results[0]!, report);
  const { name, tests, failures, skipped, time } = totals(
    project ? `[${cleanLine(project)}] ${place}` : place,
    results,
  );
  const executor = run.parts.find((one) => one.part === part)?.executor;
  const timestamp = run.startedAt?.slice(0, 19);
  const properties = [
    ['runlight.run', addressOfRun(url, run.id)],
    ...(project ? [['playwright.project', cleanLine(project)]] : []),
  ].map(([property, value]) => `      <property name="${escaped(property!)}" value="${escaped(value!)}"/>`);
  return `  <testsuite name="${name}" tests="${tests}" failures="${failures}" errors="0" skipped="${skipped}" time="${time}"${
    timestamp ? ` timestamp="${escaped(timestamp)}"` : ''
  }${executor ? ` hostname="${escaped(cleanLine(executor))}"` : ''}>
    <properties>
${properties.join('\n')}
    </properties>
${results.map((result) => caseOf(report, result, place)).join('\n')}
  </testsuite>`;
}

function totals(name: string, results: readonly CaseResult[]) {
  const ms = results.reduce((sum, { duration }) => sum + (duration ?? 0), 0);
  return {
    name: escaped(name),
    tests: results.length,
    failures: results.filter(isFailure).length,
    skipped: results.filter(isSkipped).length,
    time: seconds(ms),
  };
}

const isFailure = ({ status, quarantined }: CaseResult) => isFailedTest(status) && !quarantined;
/** A failure in quarantine fails nothing, and a case that was interrupted has no result. */
const isSkipped = ({ status, quarantined }: CaseResult) =>
  status === 'skipped' || status === 'interrupted' || (isFailedTest(status) && quarantined);

function placeOf({ file, script }: CaseResult, report: ReportedRun): string {
  const name = cleanLine(file || (script ?? report.run.name));
  return fileOf({ file: name, hasFile: file !== '' }, report) ?? name;
}

function caseOf(report: ReportedRun, result: CaseResult, place: string): string {
  const view = viewOf(report, result);
  const name = cleanLine(result.title) || place;
  const head = `    <testcase name="${escaped(name)}" classname="${escaped(place)}" time="${seconds(result.duration ?? 0)}">`;
  const address = addressOfCase(report.url, report.run.id, result.index);
  const body: string[] = [];
  if (isFailure(result)) {
    const message = (view && firstErrorLine(view)) || cleanLine(result.error?.message ?? 'failed');
    const text = view ? textOf(view.errors) : message;
    body.push(`<failure message="${escaped(message)}" type="${result.status}">${escaped(text)}</failure>`);
  } else if (isSkipped(result)) body.push(`<skipped message="${escaped(whySkipped(result))}"/>`);
  if (result.flaky && view)
    body.push(
      `<flakyFailure message="${escaped(firstErrorLine({ ...view, errors: view.earlier }))}" type="failed">${escaped(textOf(view.earlier))}</flakyFailure>`,
    );
  body.push(`<system-out>${escaped(address)}</system-out>`);
  return [head, ...body.map((line) => `      ${line}`), '    </testcase>'].join('\n');
}

/** What the log has told of a case that failed or was flaky; of a script without cases, that of the script. */
function viewOf({ model }: ReportedRun, { index, position }: CaseResult): CaseView | undefined {
  return model.notable.get(index) ?? model.notable.get(`script ${position}`);
}

function textOf(errors: readonly CaseError[]): string {
  return errors.map((error) => errorLines(error).join('\n')).join('\n\n');
}

function whySkipped({ status, quarantined, duration, annotations, error }: CaseResult): string {
  if (status === 'interrupted') return 'interrupted';
  if (quarantined && isFailedTest(status)) return `failed in quarantine: ${cleanLine(error?.message ?? '')}`;
  if (duration === null) return 'not run';
  const reason = annotations.find(({ type }) => ['skip', 'fixme'].includes(type));
  return cleanLine([reason?.type, reason?.description].filter(Boolean).join(': ')) || 'skipped';
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** For text and for values of attributes, without the characters that XML cannot have. */
function escaped(text: string): string {
  return cleanText(text)
    .toWellFormed()
    .replaceAll(/[\uFFFE\uFFFF]/g, '')
    .replaceAll(/[&<>"']/g, (character) => entities[character]!);
}
