/** What this package throws, beside the reasons of aborted signals. */
export class RunlightError extends Error {
  override readonly name: string = 'RunlightError';
  /** For programs; `message` is for people. */
  readonly code: string;
  /** The procedure that was called, such as `tests.run`. */
  readonly procedure: string | undefined;

  constructor(message: string, options: { code: string; procedure?: string | undefined; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = options.code;
    this.procedure = options.procedure;
  }
}

/** Runlight has answered with an error; `message` is the server's own. */
export class RefusedError extends RunlightError {
  override readonly name = 'RefusedError';
  /**
   * `UNAUTHORIZED`: wrong token · `FORBIDDEN`: the token's role is too low · `NOT_FOUND`, `BAD_REQUEST`, `CONFLICT`,
   * `TOO_MANY_REQUESTS`, `SERVICE_UNAVAILABLE`, `INTERNAL_SERVER_ERROR` and other codes of tRPC.
   */
  declare readonly code: string;
  /** The HTTP status. */
  readonly status: number;
  /** What is wrong with each input, by its dotted name. */
  readonly fieldErrors: Readonly<Record<string, readonly string[]>>;

  constructor(
    message: string,
    options: {
      code: string;
      status: number;
      fieldErrors?: Record<string, string[]> | undefined;
      procedure?: string | undefined;
      cause?: unknown;
    },
  ) {
    super(message, options);
    this.status = options.status;
    this.fieldErrors = options.fieldErrors ?? {};
  }
}

/** Runlight has not answered in time: it is away, or the address is not its own. `code` is `UNREACHABLE`. */
export class UnreachableError extends RunlightError {
  override readonly name = 'UnreachableError';

  constructor(message: string, options: { procedure?: string | undefined; cause?: unknown }) {
    super(message, { ...options, code: 'UNREACHABLE' });
  }
}
