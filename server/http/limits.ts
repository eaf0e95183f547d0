import type { StreamLimits } from './stream-limits.ts';

/** Limits of one process. */
export interface Limits extends StreamLimits {
  /** Requests of one API key in a minute. */
  requestsPerKey: number;
}
