import { api } from '#client/query/trpc.ts';
import { FilterOptions, FilterSelect } from '#client/ui/filters.tsx';
import { useOnResults } from './use-on-results.ts';

/** Chooses a branch that has run, of one suite or of all, those that ran last first; nothing where none is known. */
export function BranchPicker({
  suiteId,
  value,
  onChange,
}: {
  suiteId?: string | undefined;
  value: string | undefined;
  onChange: (branch: string | undefined) => void;
}) {
  const { data } = api.suites.branches.useQuery({ suiteId });
  const utils = api.useUtils();
  useOnResults(
    (run) => (suiteId === undefined ? run.suiteId !== null : run.suiteId === suiteId),
    () => void utils.suites.branches.invalidate({ suiteId }),
  );
  const known = data?.items.map(({ branch }) => branch) ?? [];
  // One that ran long ago may stand in the address.
  const branches = value === undefined || known.includes(value) ? known : [value, ...known];
  if (branches.length === 0) return null;
  return (
    <FilterSelect label="Branch" all="All branches" value={value} onChange={onChange}>
      <FilterOptions items={branches.map((branch) => ({ id: branch, name: branch }))} />
    </FilterSelect>
  );
}
