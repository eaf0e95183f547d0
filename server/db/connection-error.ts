import { queryTimeoutMessage } from './timed-client.ts';

const networkCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN']);

/** Of a statement that the server has stopped: it took longer than `statement_timeout`. */
const queryCanceled = '57014';

/**
 * True when the database could not be reached, closed the connection, has none to spare or took too long, so that a retry may
 * succeed. Class 08 is connection failures, 57P01–57P03 shutdown and start-up, 25P03 the end of an idle transaction, 53300 too
 * many connections (PostgreSQL, appendix A).
 */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.some(isConnectionError)) return true;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (networkCodes.has(code) || code.startsWith('08') || /^(57P0[123]|25P03|53300)$/.test(code)) return true;
  // node-postgres gives these errors no code.
  return (
    isDatabaseTimeout(error) ||
    /^Connection terminated|timeout exceeded when trying to connect|^Client (has encountered a connection error|was closed)/.test(
      error.message,
    )
  );
}

/** True when the database was there and took too long. */
export function isDatabaseTimeout(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && error.code === queryCanceled) || error.message === queryTimeoutMessage;
}
