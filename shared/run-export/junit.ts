import type { TestError } from '#shared/events.ts';
import { isFailedTest } from '#shared/run-status.ts';
import { cleanLine, cleanText } from '#shared/clean-text.ts';
import { errorLines, firstErrorLine } from './error-text.ts';
import { type ExportedCase, type ExportedRun, fileInRepository } from './exported-run.ts';
import { addressOfCase, addressOfRun } from './run-words.ts';

/** JUnit XML as Jenkins' schema has it: a suite for each file or script in each Playwright project, a case for each case. */
export function junitXml(report: ExportedRun, results: readonly ExportedCase[]): string {
  const { run } = report;
  const suites = new Map<string, ExportedCase[]>();
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

function suiteOf(report: ExportedRun, results: ExportedCase[]): string {
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

function totals(name: string, results: readonly ExportedCase[]) {
  const ms = results.reduce((sum, { duration }) => sum + (duration ?? 0), 0);
  return {
    name: escaped(name),
    tests: results.length,
    failures: results.filter(isFailure).length,
    skipped: results.filter(isSkipped).length,
    time: seconds(ms),
  };
}

const isFailure = ({ status, quarantined }: ExportedCase) => isFailedTest(status) && !quarantined;
/** A failure in quarantine fails nothing, and a case that was interrupted has no result. */
const isSkipped = ({ status, quarantined }: ExportedCase) =>
  status === 'skipped' || status === 'interrupted' || (isFailedTest(status) && quarantined);

function placeOf({ file, script }: ExportedCase, report: ExportedRun): string {
  const name = cleanLine(file || (script ?? report.run.name));
  return file === '' ? name : fileInRepository(name, report);
}

function caseOf(report: ExportedRun, result: ExportedCase, place: string): string {
  const name = cleanLine(result.title) || place;
  const head = `    <testcase name="${escaped(name)}" classname="${escaped(place)}" time="${seconds(result.duration ?? 0)}">`;
  const address = addressOfCase(report.url, report.run.id, result.index);
  const body: string[] = [];
  if (isFailure(result)) {
    const message = firstErrorLine(result) || 'failed';
    const text = textOf(result.errors) || message;
    body.push(`<failure message="${escaped(message)}" type="${result.status}">${escaped(text)}</failure>`);
  } else if (isSkipped(result)) body.push(`<skipped message="${escaped(whySkipped(result))}"/>`);
  const { flaky, earlier } = result;
  if (flaky && earlier.length > 0)
    body.push(
      `<flakyFailure message="${escaped(firstErrorLine({ errors: earlier }))}" type="failed">${escaped(textOf(earlier))}</flakyFailure>`,
    );
  body.push(`<system-out>${escaped(address)}</system-out>`);
  return [head, ...body.map((line) => `      ${line}`), '    </testcase>'].join('\n');
}

function textOf(errors: readonly TestError[]): string {
  return errors.map((error) => errorLines(error).join('\n')).join('\n\n');
}

function whySkipped({ status, quarantined, duration, annotations, errors }: ExportedCase): string {
  if (status === 'interrupted') return 'interrupted';
  if (quarantined && isFailedTest(status)) return `failed in quarantine: ${firstErrorLine({ errors })}`;
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
