import { createParser } from 'eventsource-parser';
import { ConnectionFailureEvent, type ConnectionFailure } from './connection-failure.ts';
import { describeNetworkError } from './network-error.ts';

export interface FetchEventSourceInit {
  /** Sent with the request. */
  headers?: Record<string, string>;
  /** The platform's by default. */
  fetch?: typeof globalThis.fetch;
}

/** An answer that is not a stream is read up to this many characters: enough for a server's message. */
const maxBodyChars = 10_000;

/**
 * One connection of server-sent events by `fetch`, which takes headers and works in Node. It does not reconnect. Its
 * `error` event is a `ConnectionFailureEvent`; the server's end of the stream is a failure, too.
 */
export class FetchEventSource extends EventTarget {
  readonly #abort = new AbortController();

  constructor(url: string, init: FetchEventSourceInit = {}) {
    super();
    void this.#read(url, init);
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(url: string, { headers, fetch = globalThis.fetch }: FetchEventSourceInit): Promise<void> {
    const { signal } = this.#abort;
    try {
      const response = await fetch(url, {
        headers: { accept: 'text/event-stream', ...headers },
        cache: 'no-store',
        signal,
      });
      if (!isStream(response)) return this.#fail(await failureOf(response));
      this.dispatchEvent(new Event('open'));
      await this.#passOn(response.body!.pipeThrough(new TextDecoderStream()).getReader());
      this.#fail({ message: 'the connection has ended' });
    } catch (cause) {
      this.#fail({ message: describeNetworkError(cause), cause });
    }
  }

  async #passOn(reader: ReadableStreamDefaultReader<string>): Promise<void> {
    const parser = createParser({
      onEvent: ({ event = 'message', data, id = '' }) => {
        if (!this.#abort.signal.aborted) this.dispatchEvent(new MessageEvent(event, { data, lastEventId: id }));
      },
    });
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      parser.feed(value);
    }
  }

  #fail(failure: ConnectionFailure): void {
    if (!this.#abort.signal.aborted) this.dispatchEvent(new ConnectionFailureEvent(failure));
  }
}

function isStream({ status, headers, body }: Response): boolean {
  return status === 200 && body !== null && (headers.get('content-type') ?? '').startsWith('text/event-stream');
}

async function failureOf(response: Response): Promise<ConnectionFailure> {
  const body = (await response.text()).slice(0, maxBodyChars);
  const type = response.headers.get('content-type') ?? 'no content type';
  return { message: `it answers ${response.status} (${type})`, status: response.status, body };
}
