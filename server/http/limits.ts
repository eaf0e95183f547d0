import type { StreamLimits } from './stream-limits.ts';

export interface Limits extends StreamLimits {
  /** Requests of one API key in a minute, at all processes that count together. */
  requestsPerKey: number;
}
