import pg from 'pg';

/** The message of node-postgres; the error has no code. */
export const queryTimeoutMessage = 'Query read timeout';

/**
 * Ends its connection when an answer takes longer than `query_timeout`. A client of node-postgres only stops waiting, and its
 * pool lends out the connection again: the next query on it would get the late answer of this one.
 */
export class TimedClient extends pg.Client {
  override query(...args: unknown[]): never {
    const result: unknown = Reflect.apply(super.query, this, args);
    if (!(result instanceof Promise)) return result as never;
    return result.catch((error: unknown) => {
      if (error instanceof Error && error.message === queryTimeoutMessage) void this.end();
      throw error;
    }) as never;
  }
}
