import { junitXml } from '#shared/run-export/junit.ts';
import type { CaseResult } from './list-results.ts';
import type { ReportedRun } from './reported-run.ts';

/** JUnit XML of all cases, with the errors that the log has told. */
export function junitReport(report: ReportedRun, results: readonly CaseResult[]): string {
  return junitXml(
    report,
    results.map((result) => ({ ...result, ...errorsOf(report, result) })),
  );
}

/** Of a case that failed or was flaky; of a script without cases, those of the script. */
function errorsOf({ model }: ReportedRun, { index, position, error }: CaseResult) {
  const view = model.notable.get(index) ?? model.notable.get(`script ${position}`);
  return { errors: view?.errors ?? (error ? [error] : []), earlier: view?.earlier ?? [] };
}
