import { Clock, TriangleAlert } from 'lucide-react';
import { useNow } from '#client/ui/use-now.ts';
import type { RunOrigin } from '#shared/events.ts';
import type { PartState } from '#shared/run-cases.ts';
import { noteOf, waitingText } from './part-text.ts';

/** What is to be known of the parts of a suite's run: which are silent or lost, and why, and which have not come yet. */
export default function PartNotes({
  parts,
  live,
  origin,
}: {
  parts: readonly PartState[];
  live: boolean;
  origin: RunOrigin;
}) {
  const now = useNow(1_000);
  const notes = parts.flatMap((part) => noteOf(part, { count: parts.length, live, now, origin }) ?? []);
  const waiting = live ? waitingText(parts) : null;
  if (notes.length === 0 && waiting === null) return null;
  return (
    <ul aria-label="Shards that need a look" className="max-h-24 space-y-0.5 overflow-y-auto text-sm">
      {notes.map((note) => (
        <li key={note} className="flex items-start gap-2 text-warn">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span className="min-w-0 wrap-anywhere">{note}</span>
        </li>
      ))}
      {waiting !== null && (
        <li className="flex items-start gap-2 text-muted">
          <Clock aria-hidden className="mt-0.5 size-4 shrink-0" /> {waiting}
        </li>
      )}
    </ul>
  );
}
