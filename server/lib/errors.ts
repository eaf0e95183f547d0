/** tRPC's codes. Only `server/trpc/procedure.ts` turns them into responses. */
export type AppErrorCode =
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'BAD_REQUEST'
  | 'CONFLICT'
  | 'TOO_MANY_REQUESTS'
  | 'PAYLOAD_TOO_LARGE'
  | 'SERVICE_UNAVAILABLE';

/** An error that the caller can act on. `message` says what is wrong and what to do; `field` names the invalid input. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: AppErrorCode;
  readonly field: string | undefined;
  /** What a program needs to go on; it comes as a part of the error's `data`. */
  readonly data: object | undefined;

  constructor(code: AppErrorCode, message: string, options: { field?: string; data?: object; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.field = options.field;
    this.data = options.data;
  }
}

/** The message of a thrown value of any type. */
export function errorMessage(error: unknown): string {
  // Node reports a refused connection to a name with several addresses as an AggregateError without a message.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(errorMessage).join('; ');
  return error instanceof Error ? error.message : String(error);
}
