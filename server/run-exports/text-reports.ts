import type { ExportedCase, ExportedRun } from '#shared/run-export/exported-run.ts';
import { junitXml } from '#shared/run-export/junit.ts';
import { type NotableCase, runSummary } from '#shared/run-export/summary.ts';
import { isFailedTest } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { cleanLine } from '#shared/clean-text.ts';
import { type CaseWithAttempts, readCases } from './read-cases.ts';

/** What Jenkins and GitLab read. */
export async function exportJunit(db: Database, report: ExportedRun): Promise<string> {
  const cases: ExportedCase[] = [];
  for await (const page of readCases(db, report.run.id)) cases.push(...page.map(withoutAttempts));
  return junitXml(report, cases);
}

/** What became of the run in Markdown: what failed, was flaky, in quarantine or interrupted. */
export async function exportSummary(db: Database, report: ExportedRun): Promise<string> {
  const failing: NotableCase[] = [];
  const others: NotableCase[] = [];
  for await (const page of readCases(db, report.run.id))
    for (const found of page) {
      const isFailure = isFailedTest(found.status);
      if (!isFailure && !found.flaky && found.status !== 'interrupted') continue;
      (isFailure && !found.quarantined ? failing : others).push({ ...withoutAttempts(found), name: nameOf(found) });
    }
  return runSummary(report, { failing, others });
}

function withoutAttempts({ attempts, ...found }: CaseWithAttempts): ExportedCase {
  return { ...found, earlier: attempts.slice(0, -1).flatMap(({ errors }) => errors) };
}

/** `login.spec.ts:14 › Login › refuses a wrong password [chromium]` */
function nameOf({ file, line, script, titlePath, project }: CaseWithAttempts): string {
  const place = file === '' ? script : line === null ? file : `${file}:${line}`;
  const name = [place, ...titlePath].filter(Boolean).join(' › ');
  return cleanLine(project === '' ? name : `[${project}] › ${name}`);
}
