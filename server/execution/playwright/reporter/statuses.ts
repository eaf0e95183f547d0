import type { Suite, TestCase, TestResult, TestStep } from '@playwright/test/reporter';
import type { TestStatus } from '#shared/run-status.ts';

/** The status of one attempt. */
export function attemptStatus(testCase: TestCase, result: TestResult): TestStatus {
  // Playwright calls an attempt skipped if its process was killed while it ran.
  const isKilled = testCase.expectedStatus !== 'skipped' && result.steps.length > 0;
  if (result.status === 'skipped') return isKilled ? 'interrupted' : 'skipped';
  if (result.status === testCase.expectedStatus) return 'passed';
  if (result.status === 'timedOut') return 'timed_out';
  return result.status === 'interrupted' ? 'interrupted' : 'failed';
}

/** The status of a case, as Playwright itself counts its attempts. */
export function caseStatus(testCase: TestCase): TestStatus {
  switch (testCase.outcome()) {
    case 'expected':
    case 'flaky':
      return 'passed';
    case 'unexpected':
      return decidingResult(testCase)?.status === 'timedOut' ? 'timed_out' : 'failed';
    case 'skipped':
      return testCase.results.some((result) => attemptStatus(testCase, result) === 'interrupted')
        ? 'interrupted'
        : 'skipped';
  }
}

/** The last attempt that failed, which decides on a case with the outcome `unexpected`. */
export function decidingResult(testCase: TestCase): TestResult | undefined {
  return testCase.results.findLast((result) => isFailed(testCase, result));
}

/** As Playwright's own reporters count: a case that Playwright has skipped although the script did not want that. */
export function didNotRun(testCase: TestCase): boolean {
  return caseStatus(testCase) === 'skipped' && (testCase.results.length === 0 || testCase.expectedStatus !== 'skipped');
}

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

function isFailed(testCase: TestCase, { status }: TestResult): boolean {
  return status !== 'skipped' && status !== 'interrupted' && status !== testCase.expectedStatus;
}

/** Playwright has no public field for the mode of a suite. */
function serialSuites({ parent }: TestCase): Suite[] {
  const suites: Suite[] = [];
  for (let suite: Suite | undefined = parent; suite; suite = suite.parent)
    if ((suite as { _parallelMode?: unknown })._parallelMode === 'serial') suites.push(suite);
  return suites;
}

export function isSkipped(step: TestStep): boolean {
  return step.annotations.some(({ type }) => type === 'skip');
}

/** Steps of Playwright's own, which are shown only if they fail. */
export function isInternal(step: TestStep): boolean {
  for (let current: TestStep | undefined = step; current; current = current.parent)
    if (current.category === 'fixture') return true;
  return (
    step.category === 'attach' ||
    step.category === 'test.attach' ||
    (step.category === 'hook' && internalHooks.has(step.title))
  );
}

const internalHooks = new Set(['Before Hooks', 'After Hooks', 'Worker Cleanup']);

/** Whether `test.only` applies to the case. Playwright has no public field for it. */
export function isMarkedOnly(testCase: TestCase): boolean {
  for (let entry: unknown = testCase; entry; entry = (entry as { parent?: unknown }).parent)
    if ((entry as { _only?: boolean })._only === true) return true;
  return false;
}
