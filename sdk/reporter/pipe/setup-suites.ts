import type { Suite } from '@playwright/test/reporter';

/** Suites of projects that other projects of the run depend on, and of their teardowns: they run as a whole. */
export function setupSuites({ suites }: Suite): ReadonlySet<Suite> {
  const names = new Set(
    suites.flatMap((suite) => {
      const { dependencies = [], teardown } = suite.project() ?? {};
      return teardown === undefined ? dependencies : [...dependencies, teardown];
    }),
  );
  return new Set(suites.filter((suite) => names.has(suite.project()?.name ?? '')));
}
