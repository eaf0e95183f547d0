import { isPushSource, type PushSink, type PushSource, pushTo } from '#server/sse/push-source.ts';
import { toTRPCError } from './to-trpc-error.ts';

/** The stream, with what it throws while it is read as the caller shall see it. No middleware sees those errors. */
export function mapStreamErrors(stream: AsyncIterable<unknown>): AsyncIterable<unknown> {
  return isPushSource(stream) ? new MappedPushSource(stream) : mapThrown(stream);
}

async function* mapThrown(stream: AsyncIterable<unknown>) {
  try {
    yield* stream;
  } catch (error) {
    throw toTRPCError(error) ?? error;
  }
}

/** Stands between a source and its sink. There may be thousands, so both sides are one object. */
class MappedPushSource implements PushSource<unknown>, PushSink {
  readonly #source: PushSource<unknown>;
  #sink: PushSink | undefined;

  constructor(source: PushSource<unknown>) {
    this.#source = source;
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return mapThrown(this.#source);
  }

  [pushTo](sink: PushSink) {
    this.#sink = sink;
    return this.#source[pushTo](this);
  }

  event(id: string | undefined, data: unknown): boolean {
    return this.#sink!.event(id, data);
  }

  end(): void {
    this.#sink!.end();
  }

  fail(error: unknown): void {
    this.#sink!.fail(toTRPCError(error) ?? error);
  }
}
