import type { TRPCClientErrorLike } from '@trpc/react-query';
import type { AppRouter } from './trpc.ts';

export type ApiError = TRPCClientErrorLike<AppRouter>;

/** The text of an error for the user: the server's message, or that there was no answer. */
export function errorText(error: ApiError | null): string {
  if (error?.data) return error.message;
  return `Runlight's server did not answer. Is it running, and are you online? (${error?.message ?? 'unknown cause'})`;
}

/** True if a change was refused because another user had changed the same thing since. */
export function isConcurrentChange(error: ApiError | null): boolean {
  return error?.data?.code === 'CONFLICT' && fieldErrors(error)['expectedUpdatedAt'] !== undefined;
}

/** The first complaint about each field of a refused form; empty if the refusal is not about fields. */
export function fieldErrors(error: ApiError | null): Record<string, string> {
  const complaints = error?.data?.fieldErrors ?? {};
  return Object.fromEntries(Object.entries(complaints).flatMap(([field, [first]]) => (first ? [[field, first]] : [])));
}
