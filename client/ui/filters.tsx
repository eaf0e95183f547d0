import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';

/** The controls that filter a list, with a button that clears them. `chips` stand in a row of their own. */
export function Filters({
  label,
  isFiltered,
  onClear,
  chips,
  children,
}: {
  label: string;
  isFiltered: boolean;
  onClear: () => void;
  chips?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className="mb-4 space-y-3" role="search" aria-label={label}>
      <div className="flex flex-wrap items-center gap-2">
        {children}
        {isFiltered && (
          <Button variant="ghost" onClick={onClear}>
            <X aria-hidden className="size-4" /> Clear filters
          </Button>
        )}
      </div>
      {chips}
    </div>
  );
}

/** A choice among options, or none; `children` are the options. */
export function FilterSelect({
  label,
  all,
  value,
  onChange,
  children,
}: {
  label: string;
  /** The label of no choice. */
  all: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  children: ReactNode;
}) {
  return (
    <select
      aria-label={label}
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value || undefined)}
      className="control w-auto max-w-60 max-sm:w-[calc(50%-0.25rem)]"
    >
      <option value="">{all}</option>
      {children}
    </select>
  );
}

/** The options of a `FilterSelect`, under a heading if `label` is given. */
export function FilterOptions({ label, items }: { label?: string; items: readonly { id: string; name: string }[] }) {
  if (items.length === 0) return null;
  const options = items.map(({ id, name }) => (
    <option key={id} value={id}>
      {name}
    </option>
  ));
  return label === undefined ? options : <optgroup label={label}>{options}</optgroup>;
}
