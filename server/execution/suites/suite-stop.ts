import type { StopReason } from '#server/execution/playwright/run-outcome.ts';
import type { Excess } from '#server/execution/sandbox/excess.ts';

/** The reason of the signal that stops a suite. `why`: the reason, or the limit that the suite exceeded. */
export class SuiteStopped extends Error {
  readonly why: StopReason | Excess;
  /** Name of the caller that cancelled the run; null: it was not cancelled, or the name is not known. */
  readonly by: string | null;

  constructor(why: StopReason | Excess, by: string | null = null) {
    super(typeof why === 'string' ? why : why.details);
    this.why = why;
    this.by = by;
  }
}

/** A failure that the suite's authors can fix. The message says how. */
export class SuiteFault extends Error {}
