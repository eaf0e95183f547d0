const networkCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN']);

/**
 * True when the database could not be reached or closed the connection, so that a retry may succeed. Class 08 is
 * connection failures, 57P01–57P03 shutdown and start-up (PostgreSQL, appendix A).
 */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.some(isConnectionError)) return true;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (networkCodes.has(code) || code.startsWith('08') || /^57P0[123]$/.test(code)) return true;
  // node-postgres gives these errors no code.
  return /^Connection terminated|timeout exceeded when trying to connect|^Client has encountered a connection error/.test(
    error.message,
  );
}
