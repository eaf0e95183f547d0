import { BranchPicker } from '#client/runs/history/branch-picker.tsx';
import { FilterOptions, Filters, FilterSelect } from '#client/ui/filters.tsx';
import { SearchBox } from '#client/ui/search-box.tsx';
import { hasParams } from '#client/ui/search-params.ts';
import { TimeFilter } from '#client/ui/time-filter.tsx';
import { runTriggers } from '#shared/run-kinds.ts';
import { runStatuses, type RunStatus } from '#shared/run-status.ts';
import { parseStatuses, type RunSearch } from './run-filter.ts';
import { CommitFilter } from './commit-filter.tsx';
import { SourceFilter } from './source-filter.tsx';
import { statusLook } from '#client/runs/status/status-look.ts';
import { triggerLabels } from '#client/runs/status/trigger-text.ts';

interface RunFiltersProps {
  search: RunSearch;
  /** `replace`: the change is small and gets no step of its own in the browser's history. */
  onChange: (change: Partial<RunSearch>, replace?: boolean) => void;
  onClear: () => void;
}

/** The filters of the list of runs. */
export function RunFilters({ search, onChange, onClear }: RunFiltersProps) {
  const statuses = parseStatuses(search.status);
  const toggle = (status: RunStatus) => {
    const chosen = statuses.includes(status) ? statuses.filter((it) => it !== status) : [...statuses, status];
    onChange({ status: chosen.length === 0 ? undefined : chosen.join(',') });
  };
  return (
    <Filters
      label="Filter runs"
      isFiltered={hasParams(search)}
      onClear={onClear}
      chips={<StatusChips chosen={statuses} onToggle={toggle} />}
    >
      <SearchBox
        label="Search runs"
        value={search.q ?? ''}
        onSearch={(q) => onChange({ q: q === '' ? undefined : q }, true)}
        className="sm:w-64"
      />
      <SourceFilter search={search} onChange={onChange} />
      <BranchPicker suiteId={search.suite} value={search.branch} onChange={(branch) => onChange({ branch })} />
      <CommitFilter search={search} onChange={onChange} />
      <FilterSelect
        label="Trigger"
        all="Any trigger"
        value={search.trigger}
        onChange={(value) => onChange({ trigger: runTriggers.find((trigger) => trigger === value) })}
      >
        <FilterOptions items={runTriggers.map((id) => ({ id, name: triggerLabels[id] }))} />
      </FilterSelect>
      <TimeFilter search={search} onChange={onChange} />
    </Filters>
  );
}

function StatusChips({ chosen, onToggle }: { chosen: readonly RunStatus[]; onToggle: (status: RunStatus) => void }) {
  return (
    <div
      role="group"
      aria-label="Status"
      className="-mx-4 flex gap-1.5 overflow-x-auto px-4 py-1 sm:mx-0 sm:flex-wrap sm:px-0"
    >
      {runStatuses.map((status) => {
        const { label, icon: Icon } = statusLook[status];
        const isChosen = chosen.includes(status);
        return (
          <button
            key={status}
            type="button"
            aria-pressed={isChosen}
            onClick={() => onToggle(status)}
            className={`inline-flex min-h-8 shrink-0 items-center gap-1.5 rounded-full border px-3 text-sm transition-colors ${isChosen ? 'border-ink bg-ink text-on-ink' : 'border-line-strong text-muted hover:bg-hover hover:text-ink'}`}
          >
            <Icon aria-hidden className="size-3.5" />
            {label}
          </button>
        );
      })}
    </div>
  );
}
