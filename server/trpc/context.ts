import type { Caller } from '#server/identity/caller.ts';

/** What a procedure knows of a request. Requests of one caller from one address share it: streams hold on to it. */
export interface Context extends Caller {
  /** The same object for all requests of the caller. */
  readonly caller: Caller;
  /** Where the request comes from. */
  readonly address: string;
  /** Audits that the caller was refused. Returns at once and never throws. */
  onRefused(procedure: string, reason: string): void;
}
