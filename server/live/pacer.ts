/** How often the messages of a channel are delivered. One object for all watchers of the channel. */
export interface Pace<T> {
  /** At most one event in this time, in ms. The first one after a pause is not delayed. */
  everyMs: number;
  /** Makes one event of several, in the order in which they came. All watchers get the same result. */
  merge(events: readonly T[]): T;
}

/** Messages that wait. When there are more, they are merged early. */
const maxWaiting = 256;

export interface PacerTarget<T> {
  /** Undefined for a message that is ignored. Must not throw. */
  parse(message: string): T | undefined;
  /** Gets undefined when an event was lost, so that watchers read. Must not throw. */
  deliver(event: T | undefined): void;
  /** Merging has failed; the events are lost. */
  onError(error: unknown): void;
}

/**
 * Gathers the messages of a channel and delivers them merged, at most once in `everyMs`. They are parsed together, which
 * costs less than each when it comes. Disposing drops what waits.
 */
export class Pacer<T> implements Disposable {
  readonly #pace: Pace<T>;
  readonly #target: PacerTarget<T>;
  #messages: string[] = [];
  /** Of messages that came before `#messages`. */
  #merged: T | undefined;
  #isStale = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(pace: Pace<T>, target: PacerTarget<T>) {
    this.#pace = pace;
    this.#target = target;
  }

  /** `message` is undefined when it was too large for the bus. */
  take(message: string | undefined): void {
    if (message === undefined) this.#isStale = true;
    else this.#messages.push(message);
    if (this.#timer === undefined) this.#flush();
    else if (this.#messages.length > maxWaiting) this.#merge();
  }

  #merge(): void {
    const events = this.#merged === undefined ? [] : [this.#merged];
    for (const message of this.#messages) {
      const event = this.#target.parse(message);
      if (event !== undefined) events.push(event);
    }
    this.#messages = [];
    try {
      this.#merged = events.length > 1 ? this.#pace.merge(events) : events[0];
    } catch (error) {
      this.#merged = undefined;
      this.#isStale = true;
      this.#target.onError(error);
    }
  }

  #flush(): void {
    this.#merge();
    if (this.#merged === undefined && !this.#isStale) return;
    // What is read brings the events, too.
    const event = this.#isStale ? undefined : this.#merged;
    this.#merged = undefined;
    this.#isStale = false;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, this.#pace.everyMs).unref();
    this.#target.deliver(event);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#messages = [];
    this.#merged = undefined;
    this.#isStale = false;
  }
}
