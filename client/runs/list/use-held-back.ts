import { useState } from 'react';
import type { RunSummary } from '#shared/events.ts';

/**
 * Holds new runs back while `hold` is true, so that the rows that the user reads or has selected do not move. `waiting` is
 * the number of runs held back; `release` shows them.
 */
export function useHeldBack(
  runs: readonly RunSummary[],
  hold: boolean,
): { shown: readonly RunSummary[]; waiting: number; release: () => void } {
  const newest = runs[0]?.id ?? null;
  const [head, setHead] = useState<string | null>(null);
  if (!hold && head !== null) setHead(null);
  if (hold && head === null && newest !== null) setHead(newest);

  // Ids rise with time.
  const shown = hold && head !== null ? runs.filter(({ id }) => id <= head) : runs;
  return { shown, waiting: runs.length - shown.length, release: () => setHead(newest) };
}
