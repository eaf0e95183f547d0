import type { Suite, TestCase, TestRun } from '@playwright/test/reporter';

/**
 * Leaves all cases out of the run but these, and the cases of their serial groups: these stand on one another, and Playwright
 * repeats them together, too.
 */
export function keepChosen({ suite, testRun }: { suite: Suite; testRun: TestRun }, chosen: readonly TestCase[]): void {
  const kept = new Set(chosen);
  for (const testCase of chosen)
    for (const member of serialGroupOf(testCase, testRun)?.allTests() ?? []) kept.add(member);
  leaveOut(suite, testRun, kept);
}

/** The outermost suite in serial mode. */
function serialGroupOf(testCase: TestCase, testRun: TestRun): Suite | undefined {
  let group: Suite | undefined;
  for (let suite: Suite | undefined = testCase.parent; suite; suite = suite.parent)
    if (testRun.mode(suite) === 'serial') group = suite;
  return group;
}

function leaveOut(suite: Suite, testRun: TestRun, kept: ReadonlySet<TestCase>): void {
  const isKept = (entry: TestCase | Suite) =>
    entry.type === 'test' ? kept.has(entry) : entry.allTests().some((testCase) => kept.has(testCase));
  const others = suite.entries().filter((entry) => !isKept(entry));
  // Each call changes the entries.
  for (const entry of others) testRun.exclude(entry);
  for (const entry of suite.entries()) if (entry.type !== 'test') leaveOut(entry, testRun, kept);
}
