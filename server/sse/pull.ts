import { isTrackedEnvelope } from '@trpc/server';
import type { PushHandle, PushSink } from './push-source.ts';

/**
 * Feeds the sink from an ordinary async iterable, one event after the other. `onEnded` is called when the iterable
 * has ended, by itself or because it was closed. A generator that waits for something that never comes does not end.
 */
export function pull(iterable: AsyncIterable<unknown>, sink: PushSink, onEnded: () => void): PushHandle {
  const iterator = iterable[Symbol.asyncIterator]();
  let isClosed = false;
  let resume = () => {};

  async function run() {
    try {
      while (!isClosed) {
        const { done, value } = await iterator.next();
        if (done) onEnded();
        if (isClosed) return;
        if (done) return sink.end();
        const hasRoom = isTrackedEnvelope(value) ? sink.event(value[0], value[1]) : sink.event(undefined, value);
        if (!hasRoom) await new Promise<void>((resolve) => (resume = resolve));
      }
    } catch (error) {
      onEnded();
      if (!isClosed) sink.fail(error);
    }
  }

  async function finish() {
    try {
      await iterator.return?.();
    } catch {
      // The client has gone; no one is left to get the error.
    }
    onEnded();
  }

  void run();
  return {
    resume: () => resume(),
    close() {
      if (isClosed) return;
      isClosed = true;
      resume();
      void finish();
    },
  };
}
