import type { TestCase, TestResult, TestStep } from '@playwright/test/reporter';
import type { TestStatus } from '#shared/run-status.ts';

/** The status of one attempt. */
export function caseStatus(testCase: TestCase, result: TestResult): TestStatus {
  // Playwright calls a case skipped if its process was killed while it ran.
  const isKilled = testCase.expectedStatus !== 'skipped' && result.steps.length > 0;
  if (result.status === 'skipped') return isKilled ? 'interrupted' : 'skipped';
  if (result.status === testCase.expectedStatus) return 'passed';
  if (result.status === 'timedOut') return 'timed_out';
  return result.status === 'interrupted' ? 'interrupted' : 'failed';
}

/** The status of a script, from the last attempts of its cases. */
export function scriptStatus(cases: TestCase[]): TestStatus {
  const statuses = cases.map((testCase): TestStatus => {
    const result = testCase.results.at(-1);
    return result ? caseStatus(testCase, result) : 'interrupted';
  });
  if (statuses.includes('failed')) return 'failed';
  if (statuses.includes('timed_out')) return 'timed_out';
  if (statuses.includes('interrupted')) return 'interrupted';
  return statuses.every((status) => status === 'skipped') ? 'skipped' : 'passed';
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
