/** The package `runlight`: a client for programs and integration tests, in Node and in browsers. */
export { createRunlight, type Runlight } from './client/create-runlight.ts';
export { RefusedError, RunlightError, UnreachableError } from './client/errors.ts';
export type { RunlightOptions } from './client/options.ts';
export type {
  CallOptions,
  InputOf,
  Mutation,
  OutputOf,
  Query,
  Subscription,
  SubscriptionCallbacks,
} from './client/procedures.ts';
