import { useMemo } from 'react';
import { SearchBox } from '#client/ui/search-box.tsx';
import { kindOf } from '#client/runs/case-data/case-kind.ts';
import type { CaseKind } from '#client/runs/case-data/list-options.ts';
import { type Grouping, groupings } from '#client/runs/case-data/list-options.ts';
import { type CaseFilter, parseCaseSearch } from '#client/runs/case-data/case-search.ts';
import { CaseTree, type CaseTreeProps } from './case-tree.tsx';

const groupingLabels: Record<Grouping, string> = {
  file: 'By file',
  error: 'By error',
  shard: 'By shard',
  slowest: 'Slowest first',
};

export interface CaseView {
  filter?: CaseKind | undefined;
  group?: Grouping | undefined;
  q?: string | undefined;
}

/** The list of cases with its search and its groups. */
export default function CasePanel({
  view,
  onView,
  ...tree
}: Omit<CaseTreeProps, 'grouping' | 'filter'> & {
  view: CaseView;
  onView: (change: CaseView) => void;
}) {
  const { filter: kind, q } = view;
  const filter = useMemo(() => filterOf(kind, q), [kind, q]);
  const isSharded = tree.cases.parts.length > 1;
  const grouping = view.group === 'shard' && !isSharded ? 'file' : (view.group ?? 'file');
  const shown = useMemo(
    () =>
      filter &&
      tree.list.cases.reduce(
        (sum, info) => sum + (info && filter(info, kindOf(tree.cases.states[info.index])) ? 1 : 0),
        0,
      ),
    [filter, tree.list, tree.cases],
  );
  return (
    <>
      <div className="flex items-center gap-2 border-b border-line p-2" role="search" aria-label="Tests of the run">
        <SearchBox
          label="Search tests"
          hint="Search, @tag, file:, s:failed"
          small
          value={q ?? ''}
          onSearch={(text) => onView({ q: text || undefined })}
          className="min-w-0 flex-1"
        />
        <select
          aria-label="Group tests"
          value={grouping}
          onChange={(event) => onView({ group: groupOf(event.target.value) })}
          className="control min-h-9 w-auto shrink-0 py-1 text-sm"
        >
          {groupings
            .filter((it) => it !== 'shard' || isSharded)
            .map((it) => (
              <option key={it} value={it}>
                {groupingLabels[it]}
              </option>
            ))}
        </select>
      </div>
      <p
        role="status"
        className={shown === undefined ? 'sr-only' : 'border-b border-line px-3 py-1 text-xs text-muted'}
      >
        {shown !== undefined && `${shown.toLocaleString()} of ${tree.cases.total.toLocaleString()} shown`}
      </p>
      <CaseTree {...tree} grouping={grouping} filter={filter} />
    </>
  );
}

const groupOf = (value: string) => groupings.find((it) => it === value && it !== 'file');

function filterOf(kind: CaseKind | undefined, q: string | undefined): CaseFilter | undefined {
  const search = q === undefined ? undefined : parseCaseSearch(q);
  if (kind === undefined) return search;
  return (info, of) => of === kind && (search?.(info, of) ?? true);
}
