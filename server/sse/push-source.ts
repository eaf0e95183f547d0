/** Takes what a stream brings, as it comes. */
export interface PushSink {
  /**
   * Takes an event. `id` is what a client sends back as `lastEventId`. Answers false when the reader is slow: then
   * nothing more may come until `resume`.
   */
  event(id: string | undefined, data: unknown): boolean;
  /** Nothing follows. */
  end(): void;
  /** Nothing follows, because of this. */
  fail(error: unknown): void;
}

/** A stream in the middle of being pushed. */
export interface PushHandle {
  /** The reader has caught up. */
  resume(): void;
  /** Nobody listens any more; nothing may come after this. */
  close(): void;
}

/** Names the method of an async iterable that can push its events instead of being asked for one after the other. */
export const pushTo: unique symbol = Symbol.for('runlight.pushTo');

/**
 * An async iterable that saves a promise per event and reader where its consumer knows how. Called at most once, and
 * never besides iterating. Once it is open, only `close` ends it: the signal that its procedure got need not be heard,
 * so that it need not be kept.
 */
export interface PushSource<T> extends AsyncIterable<T> {
  [pushTo](sink: PushSink): PushHandle;
}

export function isPushSource(value: object): value is PushSource<unknown> {
  return pushTo in value;
}
