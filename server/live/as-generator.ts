import { tracked, type TrackedEnvelope } from '@trpc/server';
import { type PushHandle, type PushSink, type PushSource, pushTo } from '#server/sse/push-source.ts';

/**
 * Makes an async generator of a source that pushes: each `next` takes one event, and the source pauses until it is asked
 * for another. When `signal` aborts, the source is closed and the generator throws the signal's reason.
 */
export function asGenerator<T>(
  source: PushSource<TrackedEnvelope<T>> & PushHandle,
  signal: AbortSignal,
): AsyncGenerator<TrackedEnvelope<T>, void, void> {
  let handle: PushHandle | undefined;
  const events: TrackedEnvelope<T>[] = [];
  let over: { error?: unknown } | undefined;
  let waiting: { resolve(result: IteratorResult<TrackedEnvelope<T>, void>): void; reject(error: unknown): void }[] = [];

  function settle() {
    while (waiting.length > 0 && (events.length > 0 || over)) {
      const { resolve, reject } = waiting.shift()!;
      const value = events.shift();
      if (value) resolve({ done: false, value });
      else if (over && 'error' in over) {
        const { error } = over;
        over = {};
        reject(error);
      } else resolve({ done: true, value: undefined });
    }
  }
  function end(how: { error?: unknown }) {
    signal.removeEventListener('abort', onAbort);
    over ??= how;
    settle();
  }
  function onAbort() {
    source.close();
    end({ error: signal.reason });
  }
  const sink: PushSink = {
    event(id, data) {
      events.push(tracked(id ?? '', data as T));
      settle();
      return events.length === 0;
    },
    end: () => end({}),
    fail: (error) => end({ error }),
  };

  function start(): PushHandle | undefined {
    if (signal.aborted) return void onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    return source[pushTo](sink);
  }

  const generator: AsyncGenerator<TrackedEnvelope<T>, void, void> = {
    next() {
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        settle();
        if (waiting.length === 0) return;
        if (handle) handle.resume();
        else handle = start();
      });
    },
    async return() {
      source.close();
      events.length = 0;
      end({});
      over = {};
      return { done: true, value: undefined };
    },
    async throw(error) {
      await generator.return();
      throw error;
    },
    async [Symbol.asyncDispose]() {
      await generator.return();
    },
    [Symbol.asyncIterator]: () => generator,
  };
  return generator;
}
