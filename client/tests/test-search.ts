import { oneOfParam, type RawSearch, textParam } from '#client/ui/search-params.ts';

/** The orders of the list of tests; the first is the usual one. */
export const testSorts = ['new', 'failed', 'flaky', 'slow'] as const;
export type TestSort = (typeof testSorts)[number];

/** How the list of tests is shown, as it stands in the address. */
export interface TestSearch {
  q?: string | undefined;
  /** Undefined: the newest first. */
  sort?: Exclude<TestSort, 'new'> | undefined;
  /** `yes`: what is archived. */
  archived?: 'yes' | undefined;
}

/** Drops parameters that are unknown or invalid. */
export function parseTestSearch({ q, sort, archived }: RawSearch): TestSearch {
  return {
    q: textParam(q),
    sort: oneOfParam(['failed', 'flaky', 'slow'], sort),
    archived: oneOfParam(['yes'], archived),
  };
}
