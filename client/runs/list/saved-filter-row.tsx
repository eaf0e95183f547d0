import { Link } from '@tanstack/react-router';
import { Bookmark, X } from 'lucide-react';
import { useState } from 'react';
import { Button } from '#client/ui/button.tsx';
import { hasParams } from '#client/ui/search-params.ts';
import type { RunSearch } from './run-filter.ts';
import { isSameFilter, loadFilters, mostFilters, type SavedFilter, storeFilters } from './saved-filters.ts';

/** Filters that this browser remembers, and a form that saves the present one. */
export function SavedFilterRow({ search }: { search: RunSearch }) {
  const [filters, setFilters] = useState(loadFilters);
  const [isNaming, setNaming] = useState(false);
  const change = (changed: SavedFilter[]) => {
    storeFilters(changed);
    setFilters(changed);
  };
  const current = filters.find((filter) => isSameFilter(filter.search, search));
  const canSave = hasParams(search) && !current && filters.length < mostFilters;
  if (filters.length === 0 && !canSave) return null;
  return (
    <div role="group" aria-label="Saved filters" className="-mt-1 mb-4 flex flex-wrap items-center gap-1.5 text-sm">
      {filters.map((filter) => (
        <span
          key={filter.name}
          className={`inline-flex min-h-8 items-center rounded-full border pl-3 ${filter === current ? 'border-accent text-accent' : 'border-line-strong text-muted'}`}
        >
          <Link
            to="/runs"
            search={filter.search}
            activeOptions={{ exact: true, includeSearch: true }}
            className="max-w-48 truncate hover:underline"
          >
            {filter.name}
          </Link>
          <button
            type="button"
            aria-label={`Remove the filter ${filter.name}`}
            onClick={() => change(filters.filter((other) => other !== filter))}
            className="flex size-7 items-center justify-center rounded-full hover:text-ink"
          >
            <X aria-hidden className="size-3.5" />
          </button>
        </span>
      ))}
      {canSave && !isNaming && (
        <Button variant="ghost" size="sm" onClick={() => setNaming(true)}>
          <Bookmark aria-hidden className="size-4" /> Save these filters
        </Button>
      )}
      {canSave && isNaming && (
        <NameForm
          onSave={(name) => {
            change([...filters.filter((filter) => filter.name !== name), { name, search }]);
            setNaming(false);
          }}
          onCancel={() => setNaming(false)}
        />
      )}
    </div>
  );
}

function NameForm({ onSave, onCancel }: { onSave: (name: string) => void; onCancel: () => void }) {
  const [name, setName] = useState('');
  return (
    <form
      className="flex flex-wrap items-center gap-1.5"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) onSave(name.trim());
      }}
      onKeyDown={(event) => event.key === 'Escape' && onCancel()}
    >
      <input
        aria-label="Name of the filter"
        placeholder="Name of the filter"
        autoFocus
        required
        maxLength={60}
        value={name}
        onChange={(event) => setName(event.target.value)}
        className="control min-h-8 w-52 py-0.5"
      />
      <Button type="submit" size="sm">
        Save
      </Button>
      <Button variant="ghost" size="sm" onClick={onCancel}>
        Cancel
      </Button>
    </form>
  );
}
