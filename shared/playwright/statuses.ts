import type { TestCase, TestResult, TestStep } from '@playwright/test/reporter';
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

export function isFailed(testCase: TestCase, { status }: TestResult): boolean {
  return status !== 'skipped' && status !== 'interrupted' && status !== testCase.expectedStatus;
}

export function isSkipped(step: TestStep): boolean {
  // Playwright 1.50 and older have no annotations of steps.
  return (step.annotations as TestStep['annotations'] | undefined)?.some(({ type }) => type === 'skip') ?? false;
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
