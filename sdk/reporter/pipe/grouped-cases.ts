import type { Suite, TestCase } from '@playwright/test/reporter';
import type { GroupedCase } from '#shared/suite-pipe.ts';
import { listedCaseOf } from '#sdk/reporter/suite-cases.ts';
import { setupSuites } from './setup-suites.ts';

/** Playwright has no public name for it when cases are listed; the same in all versions. */
type Mode = { _parallelMode: 'none' | 'default' | 'serial' | 'parallel' };

/** The cases of a suite, and which of them Playwright runs one after the other, in one worker process. */
export function groupedCases(root: Suite, rootDir: string): GroupedCase[] {
  const setup = setupSuites(root);
  const groups = new Map<Suite | TestCase, string>();
  return root.suites.flatMap((project) =>
    project.allTests().map((testCase) => {
      const owner = groupOf(testCase);
      if (!groups.has(owner)) groups.set(owner, String(groups.size));
      return { ...listedCaseOf(testCase, rootDir), group: groups.get(owner)!, isSetup: setup.has(project) };
    }),
  );
}

/** As Playwright's own division for `--shard`: what is not parallel stays together as a file. */
function groupOf(testCase: TestCase): Suite | TestCase {
  let isParallel = false;
  let outermostSequential: Suite | undefined;
  let file: Suite = testCase.parent;
  for (let suite: Suite | undefined = testCase.parent; suite; suite = suite.parent) {
    const { _parallelMode: mode } = suite as unknown as Mode;
    if (mode === 'serial' || mode === 'default') outermostSequential = suite;
    isParallel ||= mode === 'parallel';
    if (suite.parent?.parent?.parent === undefined && suite.parent?.parent) file = suite;
  }
  return isParallel ? (outermostSequential ?? testCase) : file;
}
