import { ChevronsUpDown } from 'lucide-react';
import type { RunKind } from '#shared/events.ts';

/** One test, one job, one suite, or (without id) all of a kind. */
export interface RunSource {
  kind: RunKind;
  id: string | null;
  name: string;
}

export const kindNames: Record<RunKind, string> = { test: 'All tests', job: 'All jobs', suite: 'All suites' };

const everything = 'Any source';

// The picker's button has these before and after the picker is loaded.
export const sourceClass = 'control flex items-center justify-between gap-2 text-left';
export const sourceLabel = (source: RunSource | null) => (source ? `Test, job or suite: ${source.name}` : everything);
export function SourceName({ source }: { source: RunSource | null }) {
  return (
    <>
      <span className="min-w-0 truncate">{source?.name ?? everything}</span>
      <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-muted" />
    </>
  );
}
