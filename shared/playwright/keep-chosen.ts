import type { Suite, TestCase, TestRun } from '@playwright/test/reporter';

/** What Playwright lets a reporter change before a run. */
export type Plan = Pick<TestRun, 'mode' | 'exclude'>;

/**
 * Leaves all cases out of the run but these, and the cases of their serial groups: these stand on one another, and Playwright
 * repeats them together, too.
 */
export function keepChosen({ suite, testRun }: { suite: Suite; testRun: Plan }, chosen: readonly TestCase[]): void {
  const kept = new Set(chosen);
  for (const testCase of chosen)
    for (const member of serialGroupOf(testCase, testRun)?.allTests() ?? []) kept.add(member);
  leaveOut(suite, testRun, kept);
}

/** The outermost suite in serial mode. */
function serialGroupOf(testCase: TestCase, testRun: Plan): Suite | undefined {
  let group: Suite | undefined;
  for (let suite: Suite | undefined = testCase.parent; suite; suite = suite.parent)
    if (testRun.mode(suite) === 'serial') group = suite;
  return group;
}

function leaveOut(suite: Suite, testRun: Plan, kept: ReadonlySet<TestCase>): void {
  // Playwright has `suite.entries()` since 1.44. Each call of `exclude` changes them.
  const tests = suite.tests.filter((testCase) => !kept.has(testCase));
  const suites = suite.suites.filter((inner) => !inner.allTests().some((testCase) => kept.has(testCase)));
  for (const entry of [...tests, ...suites]) testRun.exclude(entry);
  for (const inner of suite.suites) leaveOut(inner, testRun, kept);
}
