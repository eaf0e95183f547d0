import { useState } from 'react';
import type { RunSummary } from '#shared/events.ts';

/**
 * A list without what has come to its top since `hold` became true, and how much that is: what somebody reads or has
 * chosen stays where it is. `release` lets in what waits.
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
