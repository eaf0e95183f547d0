/** How often the messages of a channel are delivered. One object for all watchers of the channel. */
export interface Pace<T> {
  /** At most one event in this time, in ms. The first one after a pause is not delayed. */
  everyMs: number;
  /** Makes one event of several, in the order in which they came. All watchers get the same result. */
  merge(events: readonly T[]): T;
}

/** Events that wait. When there are more, they are merged early. */
const maxGathered = 256;

export interface PacerTarget<T> {
  /** Gets undefined when an event was lost, so that watchers read. Must not throw. */
  deliver(event: T | undefined): void;
  /** Merging has failed; the events are lost. */
  onError(error: unknown): void;
}

/** Gathers the events of a channel and delivers them merged, at most once in `everyMs`. Disposing drops what waits. */
export class Pacer<T> implements Disposable {
  readonly #pace: Pace<T>;
  readonly #target: PacerTarget<T>;
  #gathered: T[] = [];
  #isStale = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(pace: Pace<T>, target: PacerTarget<T>) {
    this.#pace = pace;
    this.#target = target;
  }

  /** `event` is undefined when it was too large for the bus. */
  take(event: T | undefined): void {
    if (event === undefined) this.#isStale = true;
    else this.#gathered.push(event);
    if (this.#timer === undefined) this.#flush();
    else if (this.#gathered.length > maxGathered) this.#merge();
  }

  #merge(): void {
    if (this.#gathered.length < 2) return;
    try {
      this.#gathered = [this.#pace.merge(this.#gathered)];
    } catch (error) {
      this.#gathered = [];
      this.#isStale = true;
      this.#target.onError(error);
    }
  }

  #flush(): void {
    if (this.#gathered.length === 0 && !this.#isStale) return;
    this.#merge();
    // What is read brings the events, too.
    const event = this.#isStale ? undefined : this.#gathered[0];
    this.#gathered = [];
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
    this.#gathered = [];
    this.#isStale = false;
  }
}
