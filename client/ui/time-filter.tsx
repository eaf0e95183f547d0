import { useState } from 'react';
import { FilterOptions, FilterSelect } from './filters.tsx';
import type { RecentSpan, TimeSearch } from './time-span.ts';

const spanLabels: Record<RecentSpan, string> = {
  '1h': 'Last hour',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
};

/** Filters a list by time: a span that ends now, or a range of days. */
export function TimeFilter({
  search,
  onChange,
}: {
  search: TimeSearch;
  /** `replace`: the change is small and gets no step of its own in the browser's history. */
  onChange: (change: TimeSearch, replace?: boolean) => void;
}) {
  const dated = search.from !== undefined || search.to !== undefined;
  const [choosingDays, setChoosingDays] = useState(false);
  const days = dated || choosingDays;
  const choose = (value: string | undefined) => {
    setChoosingDays(value === 'days');
    const time = value !== undefined && Object.hasOwn(spanLabels, value) ? (value as RecentSpan) : undefined;
    onChange({ time, from: undefined, to: undefined });
  };
  return (
    <>
      <FilterSelect label="Time" all="Any time" value={days ? 'days' : search.time} onChange={choose}>
        <FilterOptions items={Object.entries(spanLabels).map(([id, name]) => ({ id, name }))} />
        <option value="days">Certain days</option>
      </FilterSelect>
      {days && (
        <span className="flex items-center gap-2 max-sm:w-full">
          <Day label="From" value={search.from} max={search.to} onChange={(from) => onChange({ from }, true)} />
          <span aria-hidden className="text-muted">
            –
          </span>
          <Day label="To" value={search.to} min={search.from} onChange={(to) => onChange({ to }, true)} />
        </span>
      )}
    </>
  );
}

function Day({
  label,
  value,
  min,
  max,
  onChange,
}: {
  label: string;
  value: string | undefined;
  min?: string | undefined;
  max?: string | undefined;
  onChange: (day: string | undefined) => void;
}) {
  return (
    <input
      type="date"
      aria-label={label}
      value={value ?? ''}
      min={min}
      max={max}
      onChange={(event) => onChange(event.target.value || undefined)}
      className="control w-auto max-sm:flex-1"
    />
  );
}
