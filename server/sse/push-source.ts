/** Takes the events of a stream as they come. */
export interface PushSink {
  /**
   * Takes an event. The client sends `id` back as `lastEventId`. Returns false when the reader is slow: then no event may
   * follow until `resume`.
   */
  event(id: string | undefined, data: unknown): boolean;
  /** Nothing follows. */
  end(): void;
  /** Nothing follows, because of this error. */
  fail(error: unknown): void;
}

/** Controls a stream that is being pushed. */
export interface PushHandle {
  /** The reader has room again. */
  resume(): void;
  /** The reader has gone; no event may follow. */
  close(): void;
}

/** Key of the method by which an async iterable pushes its events, instead of being asked for one after the other. */
export const pushTo: unique symbol = Symbol.for('runlight.pushTo');

/**
 * An async iterable that can also push, which saves a promise per event and reader. `pushTo` is called at most once, and
 * not on an iterable that is being iterated. Once open, only `close` ends it: the procedure's signal is not needed any
 * more and can be released.
 */
export interface PushSource<T> extends AsyncIterable<T> {
  [pushTo](sink: PushSink): PushHandle;
}

export function isPushSource(value: object): value is PushSource<unknown> {
  return pushTo in value;
}
