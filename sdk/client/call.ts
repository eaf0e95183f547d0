import { retryDelayMs } from '#sdk/live/retry-delay.ts';
import { unreachable, type Explanation } from './explain.ts';

export interface CallRequest {
  /** Makes one attempt. */
  attempt(signal: AbortSignal): Promise<unknown>;
  explain(error: unknown): Explanation;
  /** True if carrying it out twice is the same as once. */
  isRepeatable: boolean;
  url: string;
  procedure: string;
  /** False: there is one attempt. */
  retries: boolean;
  /** For all attempts together. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

const delays = { minDelayMs: 200, maxDelayMs: 3_000 };

/**
 * Makes attempts until one is answered, or the time is over. What is not repeatable gets another one only if it surely
 * was not carried out. Throws a `RunlightError`, or the reason of the signal.
 */
export async function callWithRetries(request: CallRequest): Promise<unknown> {
  const { attempt, isRepeatable, retries, timeoutMs, signal } = request;
  const startedAt = performance.now();
  const deadline = AbortSignal.timeout(timeoutMs);
  const either = signal ? AbortSignal.any([deadline, signal]) : deadline;
  let last: Explanation | undefined;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await attempt(either);
    } catch (error) {
      signal?.throwIfAborted();
      if (deadline.aborted) throw last?.error ?? noAnswer(request);
      last = request.explain(error);
    }
    if (!retries || !last.isTransient || !(isRepeatable || last.isUndone)) throw last.error;
    const passedMs = performance.now() - startedAt;
    const delayMs = Math.max(last.retryAfterMs ?? 0, retryDelayMs({ failingForMs: passedMs, ...delays }));
    if (passedMs + delayMs >= timeoutMs) throw last.error;
    await wait(delayMs, either);
  }
}

function noAnswer({ url, procedure, timeoutMs, isRepeatable }: CallRequest) {
  const doubt = isRepeatable ? '' : ', and may still carry out what it was asked for';
  return unreachable(`has not answered ${procedure} within ${timeoutMs / 1_000} s${doubt}`, { url, procedure });
}

/** Resolves after this time, or when the signal aborts. */
function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
