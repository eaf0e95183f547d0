import type { StopReason } from '#server/execution/playwright/run-outcome.ts';
import type { Excess } from '#server/execution/sandbox/excess.ts';

/** The reason of the signal that stops a suite: why, or the limit that it exceeded. */
export class SuiteStopped extends Error {
  readonly why: StopReason | Excess;
  /** Who cancelled the run, as people see it; null: nobody, or it is not known. */
  readonly by: string | null;

  constructor(why: StopReason | Excess, by: string | null = null) {
    super(typeof why === 'string' ? why : why.details);
    this.why = why;
    this.by = by;
  }
}

/** An end of a suite that its authors can change. The message says how. */
export class SuiteFault extends Error {}
