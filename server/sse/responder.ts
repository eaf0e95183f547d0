import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { type AnyTRPCRouter, callTRPCProcedure, TRPCError } from '@trpc/server';
import { isObservable, observableToAsyncIterable } from '@trpc/server/observable';
import { parseConnectionParamsFromString, type TRPCRequestInfo } from '@trpc/server/http';
import { createFlusher } from './connection.ts';
import { controlFrame, createFramer, createJoiner } from './frame.ts';
import { createKeepAlive } from './keep-alive.ts';
import { pull } from './pull.ts';
import { isPushSource, pushTo } from './push-source.ts';
import { Stream, type StreamShare } from './stream.ts';

export interface ResponderOptions<Context> {
  /** The responder answers the subscriptions of this router. Its `transformer` and `errorFormatter` apply. */
  router: AnyTRPCRouter;
  createContext(opts: { req: IncomingMessage; res: ServerResponse; info: TRPCRequestInfo }): Context | Promise<Context>;
  onError?(failure: { error: TRPCError; path: string; input: unknown; req: IncomingMessage }): void;
  /** Called once for every context that was created, when its stream has ended. */
  onClose?(context: Context): void;
  pingIntervalMs: number;
  /** A stream ends after this time without `return`, so that its client connects again and resumes. */
  connectionTimeoutMs: number;
  /** A client that hears nothing for this long connects again; must be above `pingIntervalMs`. */
  reconnectAfterInactivityMs: number;
  /** Added to every response. */
  headers?: Record<string, string>;
}

export interface StreamRequest {
  /** The procedure's path, such as `runs.onStatus`. */
  path: string;
  searchParams: URLSearchParams;
  headers: IncomingHttpHeaders;
}

export interface Responder<Context> extends Disposable {
  /** True for a subscription of the router that can be answered here. tRPC's adapter answers all other requests. */
  answers(request: StreamRequest): boolean;
  /** Answers a GET request and takes over its response. Never rejects. */
  respond(req: IncomingMessage, res: ServerResponse, request: StreamRequest): Promise<void>;
  /** Number of open streams. */
  count(): number;
  /**
   * Paths of the streams that have not ended: open ones, and those without a client where the generator still runs, such
   * as one that does not listen to its signal.
   */
  unfinished(): string[];
  /** The contexts of the open streams, each once. */
  contexts(): Set<Context>;
  /** Ends the streams of these contexts without `return`, so that their clients connect again. */
  end(contexts: ReadonlySet<Context>): void;
  /** Ends all streams without `return`, evenly over the time given. */
  drain(withinMs: number): Promise<void>;
}

const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
  connection: 'keep-alive',
  vary: 'trpc-accept, accept',
};

/**
 * Answers tRPC subscriptions over Server-Sent Events with the bytes of tRPC's own HTTP adapter, at the cost of raw
 * writes: an event is serialised once per process, not once per client.
 */
export function createResponder<Context>(options: ResponderOptions<Context>): Responder<Context> {
  const { router, pingIntervalMs, reconnectAfterInactivityMs } = options;
  if (pingIntervalMs >= reconnectAfterInactivityMs)
    throw new Error(
      `Clients that connect again after ${reconnectAfterInactivityMs} ms of silence need a ping more often than every ${pingIntervalMs} ms.`,
    );
  const config = router._def._config;
  const serialize = (data: unknown): unknown => config.transformer.output.serialize(data);
  const deserialize = (data: unknown): unknown => config.transformer.input.deserialize(data);
  const keepAlive = createKeepAlive({ pingIntervalMs, timeoutMs: options.connectionTimeoutMs });
  const open = new Set<Stream>();
  /** Streams with a generator that has not ended. */
  const generating = new Set<Stream>();
  const share: StreamShare = {
    config,
    serialize,
    frameOf: createFramer(serialize),
    flusher: createFlusher(createJoiner()),
    keepAlive,
    open,
    isDraining: false,
    ...(options.onError && { onError: options.onError }),
    ...(options.onClose && { onClose: (context) => options.onClose!(context as Context) }),
  };
  const connected = controlFrame('connected', JSON.stringify({ reconnectAfterInactivityMs }));

  async function respond(req: IncomingMessage, res: ServerResponse, request: StreamRequest): Promise<void> {
    writeHead(req, res, options.headers);
    const stream = new Stream(share, request.path, req, res);
    stream.greet(connected);
    try {
      const signal = stream.signal();
      const getRawInput = inputReader(req, request, deserialize, stream);
      const info = requestInfo(req, request, router, getRawInput, stream, signal);
      const context = await options.createContext({ req, res, info });
      stream.context = context;
      if (stream.isClosed) options.onClose?.(context);
      const answer: unknown = await callTRPCProcedure({
        router,
        path: request.path,
        type: 'subscription',
        ctx: context as object,
        getRawInput,
        signal,
        batchIndex: 0,
      });
      const result = isObservable(answer) ? observableToAsyncIterable(answer, signal) : answer;
      if (!isAsyncIterable(result))
        throw new TRPCError({
          code: 'INTERNAL_SERVER_ERROR',
          message: `Subscription ${request.path} did not return an observable or a AsyncGenerator`,
        });
      if (stream.isClosed) await result[Symbol.asyncIterator]().return?.();
      else if (isPushSource(result)) stream.feedFrom(result[pushTo](stream), true);
      else {
        generating.add(stream);
        stream.feedFrom(
          pull(result, stream, () => generating.delete(stream)),
          false,
        );
      }
    } catch (error) {
      stream.refuse(error);
    }
  }

  return {
    answers: ({ path, searchParams, headers }) =>
      router._def.procedures[path]?._def.type === 'subscription' &&
      !searchParams.has('batch') &&
      isPlain(headers) &&
      parseConnectionParams(searchParams) !== undefined,
    respond,
    count: () => open.size,
    unfinished: () => [...new Set([...open, ...generating])].map(({ path }) => path),
    contexts() {
      const contexts = new Set<Context>();
      for (const { context } of open) if (context !== undefined) contexts.add(context as Context);
      return contexts;
    },
    end(contexts) {
      for (const stream of open) if (contexts.has(stream.context as Context)) stream.cut();
    },
    async drain(withinMs) {
      share.isDraining = true;
      const startedAt = Date.now();
      const total = open.size;
      let ended = 0;
      while (open.size > 0) {
        const due = withinMs === 0 ? total : Math.ceil(((Date.now() - startedAt) / withinMs) * total);
        for (const stream of open) {
          if (ended >= due) break;
          ended += 1;
          stream.cut();
        }
        // New streams may still begin on connections that were open already.
        if (ended >= total) for (const stream of open) stream.cut();
        if (open.size > 0) await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    [Symbol.dispose]() {
      for (const stream of open) stream.cut();
      keepAlive[Symbol.dispose]();
    },
  };
}

function writeHead(req: IncomingMessage, res: ServerResponse, extra: Record<string, string> | undefined): void {
  const { connection: _, ...headersOfHttp2 } = headers;
  res.writeHead(200, { ...(req.httpVersionMajor === 1 ? headers : headersOfHttp2), ...extra });
  res.flushHeaders();
  // Small frames must leave at once.
  res.socket?.setNoDelay?.(true);
}

/** False for content types and answers that tRPC does not have for a subscription by GET: its adapter refuses them. */
function isPlain(headers: IncomingHttpHeaders): boolean {
  const { 'content-type': contentType = '', 'trpc-accept': accept } = headers;
  return !/^(multipart\/form-data|application\/octet-stream)/.test(contentType) && accept !== 'application/jsonl';
}

/** Undefined for parameters that tRPC refuses before there is a stream. */
function parseConnectionParams(searchParams: URLSearchParams): TRPCRequestInfo['connectionParams'] | undefined {
  const text = searchParams.get('connectionParams');
  if (text === null) return null;
  try {
    return parseConnectionParamsFromString(text);
  } catch {
    return undefined;
  }
}

/** Reads the input once, as tRPC's JSON content type does for a GET, and stores it in `stream`. */
function inputReader(
  req: IncomingMessage,
  { searchParams }: StreamRequest,
  deserialize: (data: unknown) => unknown,
  stream: Stream,
): () => Promise<unknown> {
  let isParsed = false;

  function parse(): unknown {
    const text = searchParams.get('input');
    try {
      return text ? deserialize(JSON.parse(text)) : undefined;
    } catch (cause) {
      throw new TRPCError({
        code: 'BAD_REQUEST',
        message: cause instanceof Error ? cause.message : 'Invalid input',
        cause,
      });
    }
  }

  return async () => {
    if (!isParsed) stream.input = parse();
    isParsed = true;
    const { input } = stream;
    const lastEventId =
      req.headers['last-event-id'] ?? searchParams.get('lastEventId') ?? searchParams.get('Last-Event-Id');
    if (!lastEventId) return input;
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return { ...input, lastEventId };
    return input ?? { lastEventId };
  };
}

function requestInfo(
  req: IncomingMessage,
  { path, searchParams }: StreamRequest,
  router: AnyTRPCRouter,
  getRawInput: () => Promise<unknown>,
  stream: Stream,
  signal: AbortSignal,
): TRPCRequestInfo {
  return {
    isBatchCall: false,
    accept: null,
    type: 'subscription',
    calls: [
      {
        batchIndex: 0,
        path,
        procedure: router._def.procedures[path],
        getRawInput,
        result: () => stream.input,
      },
    ],
    connectionParams: parseConnectionParams(searchParams) ?? null,
    signal,
    get url() {
      return new URL(req.url ?? '/', 'http://localhost');
    },
  };
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
