import type { TargetAnswer } from '#shared/notifications.ts';
import { errorMessage } from '#server/lib/errors.ts';
import { plainText } from '#server/lib/storable-text.ts';
import { RefusedAddress } from './address-guard.ts';
import type { HttpAnswer } from './send-http.ts';

/** What became of an attempt. */
export interface Outcome extends TargetAnswer {
  /** The target refuses this message, and would again. */
  isFinal: boolean;
  /** When the target wants to be asked again, in ms from now. */
  retryAfterMs?: number;
}

const mostBodyChars = 2_000;

/** Answers that say that the same message may be taken later: limits, conflicts, and credentials that can be repaired. */
const laterStatuses = new Set([401, 403, 408, 409, 425, 429]);

export function outcomeOfAnswer({ status, headers, body }: HttpAnswer): Outcome {
  const answer = { status, body: plainText(body, mostBodyChars) };
  if (status >= 200 && status < 300) return { ...answer, ok: true, error: null, isFinal: false };
  const isRedirect = status >= 300 && status < 400;
  return {
    ...answer,
    ok: false,
    error: isRedirect
      ? `The target answered ${status}, a redirect to ${plainText(String(headers.location), 200)}, which is not followed: give the rule that address.`
      : `The target answered ${status}.`,
    isFinal: isRedirect || (status >= 400 && status < 500 && !laterStatuses.has(status)),
    ...retryAfter(headers['retry-after']),
  };
}

function retryAfter(text: string | undefined): { retryAfterMs?: number } {
  return text !== undefined && /^\d{1,5}$/.test(text) ? { retryAfterMs: Number(text) * 1_000 } : {};
}

/** Of an attempt that got no answer. */
export function outcomeOfError(error: unknown): Outcome {
  return {
    ok: false,
    status: null,
    body: null,
    error: plainText(reasonOf(error), mostBodyChars),
    isFinal: error instanceof RefusedAddress,
  };
}

function reasonOf(error: unknown): string {
  const isTimeout =
    error instanceof Error &&
    (error.name === 'TimeoutError' || (error.cause instanceof DOMException && error.cause.name === 'TimeoutError'));
  if (isTimeout) return 'The target did not answer in time (NOTIFY_TIMEOUT).';
  if (error instanceof RefusedAddress) return error.message;
  return `The target cannot be reached: ${errorMessage(error).replace(/\.?$/, '.')}`;
}
