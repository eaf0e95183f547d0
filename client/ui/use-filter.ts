import { useMemo } from 'react';
import { hasParams } from './search-params.ts';

interface Navigation<Search> {
  to: '.';
  search: Search;
  replace?: boolean;
  resetScroll?: boolean;
}

/** The filter of a list, which lives in the address. `toFilter` gets the time in epoch ms. */
export function useFilter<Search extends object, Filter>(
  search: Search,
  toFilter: (search: Search, now: number) => Filter,
  navigate: (navigation: Navigation<Search>) => unknown,
) {
  const key = JSON.stringify(search);
  // "The last hour" counts from the moment it was chosen: otherwise every render would ask for another list.
  // oxlint-disable-next-line react/exhaustive-deps
  const filter = useMemo(() => toFilter(search, Date.now()), [key]);
  return {
    filter,
    /** Changes whenever the filter does. */
    key,
    isFiltered: hasParams(search),
    /** `replace`: the change is small and gets no step of its own in the browser's history. */
    change: (part: Partial<Search>, replace = false) =>
      void navigate({ to: '.', search: { ...search, ...part }, replace, resetScroll: false }),
    clear: () => void navigate({ to: '.', search: {} as Search }),
  };
}
