import type { RunEventBody } from '#shared/events.ts';

/**
 * Keeps what waits to be written small if a run reports faster than the database writes: while more than `most` entries wait,
 * steps that begin are left out, and later their ends. Attempts, states and output are kept.
 */
export function createStepShedding(most: number) {
  const left = new Set<string>();
  let count = 0;
  return {
    /** Whether the entry can be left out. `waiting`: the number of entries that wait. */
    sheds(event: RunEventBody, waiting: number): boolean {
      if (event.type !== 'step' || event.category === 'case') return false;
      if (left.delete(event.id)) return true;
      if (waiting < most || event.status !== 'running') return false;
      left.add(event.id);
      count += 1;
      return true;
    },
    /** A line for the run's log; undefined if nothing was left out. */
    describe(): string | undefined {
      return count === 0
        ? undefined
        : `Steps left out: ${count}. The run reported them faster than they could be written.\n`;
    },
  };
}
