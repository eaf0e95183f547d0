import type { Excess } from '#server/execution/sandbox/excess.ts';
import type { SuiteContext } from './run-program.ts';
import { SuiteFault } from './suite-stop.ts';

/** Does work that ends with a `SuiteFault` of its own, which says what to do, when it takes too long or too much. */
export async function bounded<T>(
  context: SuiteContext,
  { longestMs, tooLong, tooMuch }: { longestMs: number; tooLong: string; tooMuch: (excess: Excess) => string },
  work: (bound: SuiteContext) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(new SuiteFault(tooLong)), longestMs);
  try {
    const onExceeded = (excess: Excess) => stop.abort(new SuiteFault(tooMuch(excess)));
    return await work({ ...context, onExceeded, signal: AbortSignal.any([context.signal, stop.signal]) });
  } finally {
    clearTimeout(timer);
  }
}
