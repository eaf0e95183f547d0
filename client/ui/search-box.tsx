import { Search } from 'lucide-react';
import { useEffect, useEffectEvent, useState } from 'react';
import { useDebounced } from './use-debounced.ts';

/** A search field that reports its text once typing pauses. A new `value` replaces the text. */
export function SearchBox({
  label,
  hint = label,
  small = false,
  value,
  onSearch,
  className = 'sm:max-w-xs',
}: {
  label: string;
  /** In the empty field. */
  hint?: string;
  small?: boolean;
  value: string;
  onSearch: (text: string) => void;
  className?: string;
}) {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  const settled = useDebounced(text, 250);

  if (value !== known) {
    setKnown(value);
    // A reported text comes back as `value`; the user may have typed more since.
    if (value !== settled) setText(value);
  }
  const report = useEffectEvent((typed: string) => {
    if (typed !== value && typed === text) onSearch(typed);
  });
  useEffect(() => report(settled), [settled]);

  return (
    <div className={`relative w-full ${className}`}>
      <Search aria-hidden className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted" />
      <input
        type="search"
        aria-label={label}
        placeholder={hint}
        maxLength={200}
        value={text}
        onChange={(event) => setText(event.target.value)}
        className={`control pl-9 ${small ? 'min-h-9 py-1 text-sm' : ''}`}
      />
    </div>
  );
}
