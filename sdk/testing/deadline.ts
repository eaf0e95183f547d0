import { RunlightError } from '#sdk/client/errors.ts';

/** Aborts after this time, with an error that says what did not happen, or with `signal`. */
export function deadline(timeoutMs: number, signal: AbortSignal | undefined, describe: () => string) {
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort(new RunlightError(`${describe()} within ${timeoutMs / 1_000} s.`, { code: 'TIMEOUT' }));
  }, timeoutMs);
  return {
    signal: signal ? AbortSignal.any([late.signal, signal]) : late.signal,
    clear: () => clearTimeout(timer),
  };
}
