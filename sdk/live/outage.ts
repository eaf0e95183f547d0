import type { ConnectionFailure } from './connection-failure.ts';

/** A time in which a stream does not get through. */
export interface Outage {
  /** In ms, without the time in which this machine slept. */
  lastedMs: number;
  /** True if the stream had got through before. */
  wasLive: boolean;
  /** Why the last attempt failed; undefined: none has failed yet. */
  failure: ConnectionFailure | undefined;
}

/** The error with which a source ends because of this outage; undefined: it goes on. */
export type GiveUpRule = (outage: Outage) => Error | undefined;

/** The `error` event of a source that has given up. */
export class GaveUpEvent extends Event {
  readonly error: Error;
  /** For users of the event who know only its text, as tRPC does. */
  readonly message: string;

  constructor(error: Error) {
    super('error');
    this.error = error;
    this.message = error.message;
  }
}

const tickMs = 250;
/** The longest that a tick counts for. */
const longestTickMs = 1_000;

/**
 * Measures the outages of one stream, and asks the rule after each failure and at each tick. A tick that comes very late
 * does not count in full: a machine that slept for a night, or a process that was stopped, has not waited for that long.
 */
export class OutageWatch {
  readonly #rule: GiveUpRule;
  readonly #onGiveUp: (error: Error) => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #tickedAt = 0;
  #lastedMs = 0;
  #wasLive = false;
  #failure: ConnectionFailure | undefined;

  constructor(rule: GiveUpRule, onGiveUp: (error: Error) => void) {
    this.#rule = rule;
    this.#onGiveUp = onGiveUp;
  }

  /** The stream does not get through, or not yet; goes on from where `stop` stopped. */
  start(): void {
    if (this.#timer) return;
    this.#tickedAt = Date.now();
    this.#timer = setInterval(() => {
      const now = Date.now();
      this.#lastedMs += Math.min(Math.max(now - this.#tickedAt, 0), longestTickMs);
      this.#tickedAt = now;
      this.#ask();
    }, tickMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** The outage, if there was one, is over. */
  end(): void {
    this.stop();
    this.#lastedMs = 0;
    this.#wasLive = true;
  }

  /** A connection has broken, or could not be made. Answers true if that ends the stream. */
  fail(failure: ConnectionFailure): boolean {
    this.#failure = failure;
    this.start();
    return this.#ask();
  }

  #ask(): boolean {
    const error = this.#rule({ lastedMs: this.#lastedMs, wasLive: this.#wasLive, failure: this.#failure });
    if (!error) return false;
    this.stop();
    this.#onGiveUp(error);
    return true;
  }
}
