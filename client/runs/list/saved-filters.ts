import { parseRunSearch, type RunSearch } from './run-filter.ts';
import { chosenProject } from '#client/query/chosen-project.ts';

export interface SavedFilter {
  name: string;
  search: RunSearch;
}

/** More would not fit into the row. */
export const mostFilters = 12;

const key = () => `runlight.run-filters.${chosenProject() ?? 'default'}`;

/** The filters that this browser remembers for the project, in the order in which they were saved. */
export function loadFilters(): SavedFilter[] {
  try {
    const stored = JSON.parse(localStorage.getItem(key()) ?? '[]') as { name: unknown; search: object }[];
    return stored.flatMap(({ name, search }) =>
      typeof name === 'string' ? [{ name, search: parseRunSearch({ ...search }) }] : [],
    );
  } catch {
    // Something else has written there.
    return [];
  }
}

export function storeFilters(filters: readonly SavedFilter[]): void {
  localStorage.setItem(key(), JSON.stringify(filters));
}

/** True for the same filter, in whatever order its parts stand. */
export function isSameFilter(a: RunSearch, b: RunSearch): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof RunSearch>;
  return [...keys].every((part) => a[part] === b[part]);
}
