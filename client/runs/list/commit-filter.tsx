import { api } from '#client/query/trpc.ts';
import { SearchBox } from '#client/ui/search-box.tsx';
import { commitParam } from '#client/ui/search-params.ts';
import type { RunSearch } from './run-filter.ts';

/** Finds the runs of a commit by the beginning of its hash; nothing where no run has a branch or a commit. */
export function CommitFilter({
  search,
  onChange,
}: {
  search: RunSearch;
  onChange: (change: Pick<RunSearch, 'commit'>, replace?: boolean) => void;
}) {
  const { data } = api.suites.branches.useQuery({ suiteId: search.suite });
  if (search.commit === undefined && !data?.items.length) return null;
  return (
    <SearchBox
      label="Commit"
      hint="Commit"
      value={search.commit ?? ''}
      onSearch={(text) => {
        const commit = commitParam(text.trim());
        // While fewer digits are typed than a hash is found by, the list stays as it is.
        if (commit !== undefined || text.trim() === '') onChange({ commit }, true);
      }}
      className="sm:w-36"
    />
  );
}
