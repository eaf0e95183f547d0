import { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { isConnectionError, isDatabaseTimeout } from '#server/db/connection-error.ts';
import { AppError } from '#server/lib/errors.ts';

/** What a caller reads of a fault of the server's own. */
export const internalErrorMessage = 'Something went wrong in the server; its log says what.';

/** The response to a domain error; undefined for faults of the server's own. */
export function toTRPCError(error: unknown): TRPCError | undefined {
  const cause = error instanceof TRPCError ? error.cause : error;
  if (cause instanceof AppError) return new TRPCError({ code: cause.code, message: cause.message, cause });
  if (isConnectionError(cause))
    return new TRPCError({
      code: 'SERVICE_UNAVAILABLE',
      message: isDatabaseTimeout(cause)
        ? 'The database takes too long at the moment; try again soon.'
        : 'The database cannot be reached at the moment; try again soon.',
      cause,
    });
  return undefined;
}

/** True for errors that say what the caller did wrong: nothing that a log needs. */
export function isErrorOfCaller(error: TRPCError): boolean {
  return getHTTPStatusCodeFromError(error) < 500;
}
