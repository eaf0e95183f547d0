/** An answer that is no answer of Runlight, such as a proxy's page. */
export class ForeignAnswerError extends Error {
  readonly status: number;

  constructor({ status, headers }: Response) {
    super(`it answers ${status} (${headers.get('content-type') ?? 'no content type'})`);
    this.status = status;
  }
}

/** A `fetch` that throws a ForeignAnswerError instead of answering with something that is not JSON. */
export function fetchJson(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if ((response.headers.get('content-type') ?? '').startsWith('application/json')) return response;
    await response.body?.cancel();
    throw new ForeignAnswerError(response);
  };
}
