import { useState } from 'react';
import type { RecentSpan, TimeSearch } from './time-span.ts';

const spanLabels: Record<RecentSpan, string> = {
  '1h': 'Last hour',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
};

/** Which time a list is about: a span that ends now, or certain days. */
export function TimeFilter({
  search,
  onChange,
}: {
  search: TimeSearch;
  /** `replace`: the change is a small one, not worth a step of the browser's history. */
  onChange: (change: TimeSearch, replace?: boolean) => void;
}) {
  const dated = search.from !== undefined || search.to !== undefined;
  const [choosingDays, setChoosingDays] = useState(false);
  const days = dated || choosingDays;
  const choose = (value: string) => {
    setChoosingDays(value === 'days');
    const time = Object.hasOwn(spanLabels, value) ? (value as RecentSpan) : undefined;
    onChange({ time, from: undefined, to: undefined });
  };
  return (
    <>
      <select
        aria-label="Time"
        value={days ? 'days' : (search.time ?? '')}
        onChange={(event) => choose(event.target.value)}
        className="control w-auto max-sm:w-[calc(50%-0.25rem)]"
      >
        <option value="">Any time</option>
        {Object.entries(spanLabels).map(([span, label]) => (
          <option key={span} value={span}>
            {label}
          </option>
        ))}
        <option value="days">Certain days</option>
      </select>
      {days && (
        <span className="flex items-center gap-2 max-sm:w-full">
          <input
            type="date"
            aria-label="From"
            value={search.from ?? ''}
            max={search.to}
            onChange={(event) => onChange({ from: event.target.value || undefined }, true)}
            className="control w-auto max-sm:flex-1"
          />
          <span aria-hidden className="text-muted">
            –
          </span>
          <input
            type="date"
            aria-label="To"
            value={search.to ?? ''}
            min={search.from}
            onChange={(event) => onChange({ to: event.target.value || undefined }, true)}
            className="control w-auto max-sm:flex-1"
          />
        </span>
      )}
    </>
  );
}
