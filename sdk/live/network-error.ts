/** The system's codes of errors after which a request has surely not reached the server. */
const notSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** The causes of an error, from the outermost on; those of an AggregateError one after the other. */
function* causesOf(error: unknown): Generator<Error & { code?: unknown }> {
  if (!(error instanceof Error)) return;
  yield error;
  if (error instanceof AggregateError) for (const one of error.errors) yield* causesOf(one);
  yield* causesOf(error.cause);
}

/** Says what `fetch` hides below "fetch failed", such as "connect ECONNREFUSED 127.0.0.1:3000". */
export function describeNetworkError(error: unknown): string {
  const causes = [...causesOf(error)];
  const deepest = causes.findLast(({ message }) => message !== '');
  return deepest?.message ?? String(error);
}

/** True if the request has surely not reached the server. Browsers do not say. */
export function isNotSent(error: unknown): boolean {
  return [...causesOf(error)].some(({ code }) => notSent.has(code as string));
}
