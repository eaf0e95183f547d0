import { branchParam, oneOfParam, type RawSearch } from '#client/ui/search-params.ts';

/** How a suite is shown, as it stands in the address. */
export interface SuiteSearch {
  /** Undefined: the overview. */
  tab?: 'runs' | 'cases' | 'bundles' | undefined;
  /** Undefined: all branches. */
  branch?: string | undefined;
}

export const parseSuiteSearch = ({ tab, branch }: RawSearch): SuiteSearch => ({
  tab: oneOfParam(['runs', 'cases', 'bundles'], tab),
  branch: branchParam(branch),
});
