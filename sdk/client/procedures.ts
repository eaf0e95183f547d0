export interface CallOptions {
  /** Ends the call or the stream; it then fails with the reason of the signal. */
  signal?: AbortSignal | undefined;
}

/** The input may be left out where the procedure has one that needs nothing. */
export type Arguments<Input> = undefined extends Input
  ? [input?: Input, options?: CallOptions]
  : [input: Input, options?: CallOptions];

export interface Query<Input, Output> {
  /** Asks again while Runlight does not answer, for `timeoutMs`. Throws a `RunlightError`. */
  query(...args: Arguments<Input>): Promise<Output>;
}

export interface Mutation<Input, Output> {
  /**
   * Tries again only what surely was not carried out, or has an `idempotencyKey`: then carrying it out twice is the same
   * as once. Throws a `RunlightError`.
   */
  mutate(...args: Arguments<Input>): Promise<Output>;
}

export interface SubscriptionCallbacks<Event> {
  onData: (event: Event) => void;
  /** The stream has failed for good: a `RunlightError`. Nothing comes after it. */
  onError: (error: Error) => void;
  /** The stream has ended, such as when its run has. */
  onComplete?: () => void;
  /** The stream is connected; called again after each outage. */
  onStarted?: () => void;
}

export interface Subscription<Input, Event> {
  /** Hands over each event, across outages, without loss or repetition. */
  subscribe(
    input: Input,
    callbacks: SubscriptionCallbacks<Event>,
    options?: CallOptions,
  ): {
    unsubscribe: () => void;
  };
  /**
   * The same for `for await`. Each loop has a stream of its own, which ends with the loop. A loop that is slower than the
   * stream keeps a bounded number of events; the rest waits on the server.
   */
  stream(...args: Arguments<Input>): AsyncIterable<Event>;
}

/** What a procedure takes, such as `InputOf<Runlight['tests']['run']>`. */
export type InputOf<Procedure> = Procedure extends
  Query<infer Input, unknown> | Mutation<infer Input, unknown> | Subscription<infer Input, unknown>
  ? Input
  : never;

/** What a procedure answers, or each event of it, such as `OutputOf<Runlight['runs']['byId']>`. */
export type OutputOf<Procedure> = Procedure extends
  | { query(...args: never): Promise<infer Output> }
  | { mutate(...args: never): Promise<infer Output> }
  | { stream(...args: never): AsyncIterable<infer Output> }
  ? Output
  : never;
