import type { Suite, TestCase } from '@playwright/test/reporter';
import type { TestStatus } from '#shared/run-status.ts';
import { caseStatus, isFailed } from '#shared/playwright/statuses.ts';

/** The status of a script, from those of its cases. */
export function scriptStatus(cases: readonly TestCase[]): TestStatus {
  const statuses = cases.map((testCase) => (testCase.results.length === 0 ? 'interrupted' : caseStatus(testCase)));
  for (const status of ['failed', 'timed_out', 'interrupted'] as const) if (statuses.includes(status)) return status;
  return statuses.every((status) => status === 'skipped') ? 'skipped' : 'passed';
}

/**
 * Whether Playwright will run none of these cases again, all of which have ended. It runs cases again that have failed and have
 * retries left, and in serial mode also the other cases of the suite.
 */
export function areSettled(cases: readonly TestCase[]): boolean {
  const failed = new Set(cases.filter(hasFailed));
  const repeated = new Set([...failed].flatMap(serialSuites));
  return !cases.some(
    (testCase) =>
      testCase.results.length <= testCase.retries &&
      (failed.has(testCase) || serialSuites(testCase).some((suite) => repeated.has(suite))),
  );
}

function hasFailed(testCase: TestCase): boolean {
  return testCase.results.some((result) => isFailed(testCase, result));
}

/** Playwright has no public field for the mode of a suite. */
function serialSuites({ parent }: TestCase): Suite[] {
  const suites: Suite[] = [];
  for (let suite: Suite | undefined = parent; suite; suite = suite.parent)
    if ((suite as { _parallelMode?: unknown })._parallelMode === 'serial') suites.push(suite);
  return suites;
}

/** Whether `test.only` applies to the case. Playwright has no public field for it. */
export function isMarkedOnly(testCase: TestCase): boolean {
  for (let entry: unknown = testCase; entry; entry = (entry as { parent?: unknown }).parent)
    if ((entry as { _only?: boolean })._only === true) return true;
  return false;
}
