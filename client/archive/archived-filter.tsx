import { Archive } from 'lucide-react';

/** Shows what is archived, instead of the rest. */
export function ArchivedFilter({ value, onChange }: { value: boolean; onChange: (archived: boolean) => void }) {
  return (
    <button
      type="button"
      aria-pressed={value}
      onClick={() => onChange(!value)}
      className="inline-flex min-h-10 items-center gap-2 rounded-lg border border-line-strong px-3 text-muted hover:bg-hover hover:text-ink aria-pressed:border-ink aria-pressed:bg-ink aria-pressed:text-on-ink"
    >
      <Archive aria-hidden className="size-4" /> Archived
    </button>
  );
}
