import { TRPCClientError } from '@trpc/client';
import type { AppRouter } from '#server/http/router.ts';
import type { ConnectionFailure } from '#sdk/live/connection-failure.ts';
import { describeNetworkError, isNotSent } from '#sdk/live/network-error.ts';
import { GaveUpEvent, type Outage } from '#sdk/live/outage.ts';
import { ForeignAnswerError } from './foreign-answer.ts';
import { RefusedError, type RunlightError, UnreachableError } from './errors.ts';

/** The error of one attempt. */
export interface Explanation {
  error: RunlightError;
  /** True if another attempt may succeed. */
  isTransient: boolean;
  /** True if the server has surely not done what it was asked for. */
  isUndone: boolean;
  /** The server's wish, in ms. */
  retryAfterMs?: number | undefined;
}

/** Why a stream has ended; `explain` makes an error for users of it. */
export class OutageError extends Error {
  readonly outage: Outage;

  constructor(outage: Outage) {
    super(outage.failure?.message ?? 'there was no answer');
    this.outage = outage;
  }
}

const transientStatuses = new Set([408, 425, 429]);
const isTransientStatus = (status: number) => status >= 500 || transientStatuses.has(status);

/** What an error of tRPC's client means for users of Runlight. */
export function explain(error: unknown, { url, procedure }: { url: string; procedure: string }): Explanation {
  if (!(error instanceof TRPCClientError)) throw error;
  const { data, message, meta, cause } = error as TRPCClientError<AppRouter>;
  if (data) {
    const { code, httpStatus: status, fieldErrors } = data;
    const isUnknown = code === 'NOT_FOUND' && message.startsWith('No procedure found');
    const text = isUnknown
      ? `Runlight at ${url} has no ${procedure}: it is of another version than this package. Install its own: npm install -D ${url}/runlight.tgz`
      : message;
    const refusal = new RefusedError(text, { code, status, fieldErrors, procedure, cause: error });
    return { error: refusal, isTransient: isTransientStatus(status), isUndone: status < 500, ...retryAfter(meta) };
  }
  const outage = findOutage(cause);
  if (outage) return explainOutage(outage, { url, procedure });
  const response = meta?.['response'] as Response | undefined;
  if (!response) {
    const text = describeNetworkError(cause ?? error);
    return {
      error: unreachable(`cannot be reached: ${text}`, { url, procedure, cause: error }),
      isTransient: true,
      isUndone: isNotSent(cause ?? error),
    };
  }
  const { status } = response;
  const own = ownWords(meta?.['responseJSON']);
  if (!own)
    return {
      error: unreachable(`cannot be reached: ${new ForeignAnswerError(response).message}`, {
        url,
        procedure,
        cause: error,
      }),
      isTransient: true,
      isUndone: false,
    };
  return {
    error: new RefusedError(own.message, { ...own, status, procedure, cause: error }),
    isTransient: isTransientStatus(status),
    isUndone: status < 500,
  };
}

/** The refusal by Runlight itself in what a connection of a stream has failed with; undefined: it may get through later. */
export function findRefusal(failure: ConnectionFailure | undefined, procedure?: string): RefusedError | undefined {
  const { status, body } = failure ?? {};
  if (status === undefined || body === undefined || isTransientStatus(status)) return undefined;
  const own = ownWords(parse(body));
  return own && new RefusedError(own.message, { ...own, status, procedure });
}

/** tRPC wraps the event with which a stream ends, in a SuppressedError among others. */
function findOutage(cause: unknown): Outage | undefined {
  if (cause instanceof GaveUpEvent) return cause.error instanceof OutageError ? cause.error.outage : undefined;
  const { error } = (cause ?? {}) as { error?: unknown };
  return error === undefined ? undefined : findOutage(error);
}

function explainOutage(outage: Outage, about: { url: string; procedure: string }): Explanation {
  const { failure, lastedMs, wasLive } = outage;
  const what = wasLive ? 'is lost' : 'cannot be reached';
  const text = `${what}: ${failure?.message ?? 'there was no answer'}, for ${Math.round(lastedMs / 1_000)} s`;
  const error =
    findRefusal(failure, about.procedure) ?? unreachable(text, { ...about, cause: failure?.cause ?? failure });
  return { error, isTransient: false, isUndone: false };
}

export function unreachable(
  text: string,
  { url, procedure, cause }: { url: string; procedure: string; cause?: unknown },
): UnreachableError {
  return new UnreachableError(`Runlight at ${url} ${text}. Is it running, and is that its address?`, {
    procedure,
    cause,
  });
}

/** Runlight answers what is not a call of a procedure with `{ error, message }`. */
export function ownWords(json: unknown): { code: string; message: string } | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const { error, message } = json as { error?: unknown; message?: unknown };
  if (typeof error !== 'string' || typeof message !== 'string') return undefined;
  return { code: error.toUpperCase().replaceAll(' ', '_'), message };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function retryAfter(meta: Record<string, unknown> | undefined): { retryAfterMs?: number } {
  const seconds = Number((meta?.['response'] as Response | undefined)?.headers.get('retry-after') ?? NaN);
  return Number.isFinite(seconds) ? { retryAfterMs: seconds * 1_000 } : {};
}
