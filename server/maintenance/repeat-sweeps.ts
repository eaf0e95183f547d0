import type { Logger } from '#server/lib/logger.ts';

/** Between sweeps, in ms. */
const intervalMs = 5_000;

/**
 * Sweeps every 5 s, one at a time. `trustedMs`: for how long this process and the database have been there; signs of life
 * could not arrive before. Failures are logged. Disposing aborts the signal of a running sweep and waits for its end.
 */
export function repeatSweeps(options: {
  sweep(trustedMs: number, signal: AbortSignal): Promise<unknown>;
  logger: Logger;
}): AsyncDisposable {
  const stop = new AbortController();
  let sweeping: Promise<void> | undefined;
  let trustedSince = Date.now();
  let lastTickAt = Date.now();

  async function sweep() {
    try {
      await options.sweep(Date.now() - trustedSince, stop.signal);
    } catch (error) {
      trustedSince = Date.now();
      options.logger.warn({ err: error }, 'a sweep failed');
    } finally {
      sweeping = undefined;
    }
  }

  const timer = setInterval(() => {
    // The machine was asleep, or the process was stopped.
    if (Date.now() - lastTickAt > 2 * intervalMs) trustedSince = Date.now();
    lastTickAt = Date.now();
    sweeping ??= sweep();
  }, intervalMs);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      stop.abort();
      await sweeping;
    },
  };
}
