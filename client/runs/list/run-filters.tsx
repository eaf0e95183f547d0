import { X } from 'lucide-react';
import { Button } from '#client/ui/button.tsx';
import { SearchBox } from '#client/ui/search-box.tsx';
import { TimeFilter } from '#client/ui/time-filter.tsx';
import { runTriggers } from '#shared/run-kinds.ts';
import { runStatuses, type RunStatus } from '#shared/run-status.ts';
import { parseStatuses, type RunSearch } from './run-filter.ts';
import { SourceFilter } from './source-filter.tsx';
import { statusLook } from '#client/runs/status/status-look.ts';
import { triggerLabels } from '#client/runs/status/trigger-text.ts';

interface RunFiltersProps {
  search: RunSearch;
  /** `replace`: the change is a small one, not worth a step of the browser's history. */
  onChange: (change: Partial<RunSearch>, replace?: boolean) => void;
  onClear: () => void;
}

/** What narrows the list of runs; all of it lives in the address. */
export function RunFilters({ search, onChange, onClear }: RunFiltersProps) {
  const statuses = parseStatuses(search.status);
  const toggle = (status: RunStatus) => {
    const chosen = statuses.includes(status) ? statuses.filter((it) => it !== status) : [...statuses, status];
    onChange({ status: chosen.length === 0 ? undefined : chosen.join(',') });
  };
  return (
    <div className="mb-4 space-y-3" role="search" aria-label="Filter runs">
      <div className="flex flex-wrap items-center gap-2">
        <SearchBox
          label="Search runs"
          value={search.q ?? ''}
          onSearch={(q) => onChange({ q: q === '' ? undefined : q }, true)}
          className="sm:w-64"
        />
        <SourceFilter search={search} onChange={onChange} />
        <select
          aria-label="Trigger"
          value={search.trigger ?? ''}
          onChange={(event) => onChange({ trigger: runTriggers.find((trigger) => trigger === event.target.value) })}
          className="control w-auto max-sm:w-[calc(50%-0.25rem)]"
        >
          <option value="">Any trigger</option>
          {runTriggers.map((trigger) => (
            <option key={trigger} value={trigger}>
              {triggerLabels[trigger]}
            </option>
          ))}
        </select>
        <TimeFilter search={search} onChange={onChange} />
        {Object.keys(search).length > 0 && (
          <Button variant="ghost" onClick={onClear}>
            <X aria-hidden className="size-4" /> Clear filters
          </Button>
        )}
      </div>
      <div
        role="group"
        aria-label="Status"
        className="-mx-4 flex gap-1.5 overflow-x-auto px-4 py-1 sm:mx-0 sm:flex-wrap sm:px-0"
      >
        {runStatuses.map((status) => {
          const { label, icon: Icon } = statusLook[status];
          const chosen = statuses.includes(status);
          return (
            <button
              key={status}
              type="button"
              aria-pressed={chosen}
              onClick={() => toggle(status)}
              className={`inline-flex min-h-8 shrink-0 items-center gap-1.5 rounded-full border px-3 text-sm transition-colors ${chosen ? 'border-ink bg-ink text-on-ink' : 'border-line-strong text-muted hover:bg-hover hover:text-ink'}`}
            >
              <Icon aria-hidden className="size-3.5" />
              {label}
            </button>
          );
        })}
      </div>
    </div>
  );
}
