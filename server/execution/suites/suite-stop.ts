import type { StopReason } from '#server/execution/playwright/run-outcome.ts';
import type { Excess } from '#server/execution/sandbox/excess.ts';

/** The reason of the signal that stops a suite: why, or the limit that it exceeded. */
export class SuiteStopped extends Error {
  readonly why: StopReason | Excess;

  constructor(why: StopReason | Excess) {
    super(typeof why === 'string' ? why : why.details);
    this.why = why;
  }
}

/** An end of a suite that its authors can change. The message says how. */
export class SuiteFault extends Error {}
