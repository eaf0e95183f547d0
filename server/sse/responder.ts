import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type AnyTRPCRouter,
  callTRPCProcedure,
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  isTrackedEnvelope,
  TRPCError,
  type TRPCProcedureType,
} from '@trpc/server';
import { parseConnectionParamsFromString, type TRPCRequestInfo } from '@trpc/server/http';
import { Connection, createFlusher, type Flusher } from './connection.ts';
import { controlFrame, createFramer, createJoiner } from './frame.ts';
import { createPulse } from './pulse.ts';
import { isPushSource, type PushHandle, type PushSink, pushTo } from './push-source.ts';

export interface ResponderOptions<Context> {
  /** Its subscriptions are answered; of its settings, `transformer` and `errorFormatter` apply. */
  router: AnyTRPCRouter;
  createContext(opts: { req: IncomingMessage; res: ServerResponse; info: TRPCRequestInfo }): Context | Promise<Context>;
  onError?(failure: { error: TRPCError; path: string; input: unknown; req: IncomingMessage }): void;
  pingIntervalMs: number;
  /** A stream ends after this, without saying that nothing follows, so that its client connects again and resumes. */
  connectionTimeoutMs: number;
  /** A client that hears nothing for this long connects again; must be above `pingIntervalMs`. */
  reconnectAfterInactivityMs: number;
  /** Sent with every response. */
  headers?: Record<string, string>;
}

export interface StreamRequest {
  /** Of the procedure, such as `runs.onStatus`. */
  path: string;
  searchParams: URLSearchParams;
}

export interface Responder extends Disposable {
  /** Whether it asks for a subscription of the router and can be answered here; tRPC's adapter answers the others. */
  answers(request: StreamRequest): boolean;
  /** Answers a GET request; the response is the responder's from now on. Never rejects. */
  respond(req: IncomingMessage, res: ServerResponse, request: StreamRequest): Promise<void>;
  /** Open streams. */
  count(): number;
  /** Ends all streams without saying that nothing follows, evenly over the time given. */
  drain(withinMs: number): Promise<void>;
}

const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
  connection: 'keep-alive',
  vary: 'trpc-accept, accept',
};

/** Shared, since a reason of its own for every stream would cost a stack trace each. */
const clientGone = new DOMException('The stream is over.', 'AbortError');

const ignore = () => {};

/**
 * Answers tRPC subscriptions over Server-Sent Events with the bytes of tRPC's own HTTP adapter, at the cost of raw
 * writes: an event is serialised once per process, not once per client.
 */
export function createResponder<Context>(options: ResponderOptions<Context>): Responder {
  const { router, pingIntervalMs, reconnectAfterInactivityMs } = options;
  if (pingIntervalMs >= reconnectAfterInactivityMs)
    throw new Error(
      `Clients that connect again after ${reconnectAfterInactivityMs} ms of silence need a ping more often than every ${pingIntervalMs} ms.`,
    );
  const config = router._def._config;
  const serialize = (data: unknown): unknown => config.transformer.output.serialize(data);
  const frameOf = createFramer(serialize);
  const flusher = createFlusher(createJoiner());
  const pulse = createPulse({ pingIntervalMs, timeoutMs: options.connectionTimeoutMs });
  const connected = controlFrame('connected', JSON.stringify({ reconnectAfterInactivityMs }));
  const ping = controlFrame('ping', '');
  const returned = controlFrame('return', '');
  /** Ends a stream without saying that nothing follows. */
  const open = new Set<() => void>();
  let isDraining = false;

  async function respond(req: IncomingMessage, res: ServerResponse, request: StreamRequest): Promise<void> {
    const abort = new AbortController();
    let handle: PushHandle | undefined;
    const connection = begin(req, res, options.headers, flusher, () => handle?.resume());
    let isClosed = false;
    /** Lets go of what feeds the stream. */
    function close() {
      if (isClosed) return;
      isClosed = true;
      open.delete(cut);
      handle?.close();
      abort.abort(clientGone);
    }
    const cut = () => {
      close();
      connection.end();
      // A connection that stayed open would bring the client back to a process that is about to go.
      if (isDraining && req.httpVersionMajor === 1) req.socket.end();
    };
    const stopBeating = pulse.add({
      ping: () => void connection.send(ping),
      expire() {
        close();
        connection.expire();
      },
    });
    open.add(cut);
    res.on('close', () => {
      connection.abandon();
      stopBeating();
      close();
    });
    // A socket that breaks closes, too, and that is all there is to do.
    res.on('error', ignore);

    let context: Context | undefined;
    const input = createInput(req, request, (data) => config.transformer.input.deserialize(data));
    const sink: PushSink = {
      event: (id, data) => connection.send(frameOf(id, data)),
      end() {
        if (isClosed) return;
        connection.send(returned);
        cut();
      },
      fail(cause) {
        if (isClosed) return;
        if (isAbortError(cause)) return cut();
        const error = getTRPCErrorFromUnknown(cause);
        const type: TRPCProcedureType = 'subscription';
        options.onError?.({ error, path: request.path, input: input.result(), req });
        const shape = getTRPCErrorShape({
          config,
          ctx: context as object,
          error,
          input: input.result(),
          path: request.path,
          type,
        });
        connection.send(controlFrame('serialized-error', JSON.stringify(serialize(shape))));
        cut();
      },
    };

    connection.send(connected);
    try {
      const info = requestInfo(req, request, router, input, abort.signal);
      context = await options.createContext({ req, res, info });
      const result: unknown = await callTRPCProcedure({
        router,
        path: request.path,
        type: 'subscription',
        ctx: context as object,
        getRawInput: input.read,
        signal: abort.signal,
        batchIndex: 0,
      });
      if (!isAsyncIterable(result))
        throw new TRPCError({
          code: 'INTERNAL_SERVER_ERROR',
          message: `Subscription ${request.path} did not return an observable or a AsyncGenerator`,
        });
      if (isClosed) await result[Symbol.asyncIterator]().return?.();
      else handle = isPushSource(result) ? result[pushTo](sink) : pull(result, sink);
      // It may have ended while it was being opened.
      if (isClosed) handle?.close();
    } catch (error) {
      sink.fail(error);
    }
  }

  return {
    answers: ({ path, searchParams }) =>
      router._def.procedures[path]?._def.type === 'subscription' &&
      !searchParams.has('batch') &&
      parseConnectionParams(searchParams) !== undefined,
    respond,
    count: () => open.size,
    async drain(withinMs) {
      isDraining = true;
      const startedAt = Date.now();
      const total = open.size;
      let ended = 0;
      while (open.size > 0) {
        const due = withinMs === 0 ? total : Math.ceil(((Date.now() - startedAt) / withinMs) * total);
        for (const end of open) {
          if (ended >= due) break;
          ended += 1;
          end();
        }
        // New ones may still come on connections that were open already.
        if (ended >= total) for (const end of open) end();
        if (open.size > 0) await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    [Symbol.dispose]() {
      for (const end of open) end();
      pulse[Symbol.dispose]();
    },
  };
}

function begin(
  req: IncomingMessage,
  res: ServerResponse,
  extra: Record<string, string> | undefined,
  flusher: Flusher,
  onDrain: () => void,
): Connection {
  const { connection: _, ...headersOfHttp2 } = headers;
  res.writeHead(200, { ...(req.httpVersionMajor === 1 ? headers : headersOfHttp2), ...extra });
  res.flushHeaders();
  // Small frames shall leave at once.
  res.socket?.setNoDelay?.(true);
  return new Connection(res, flusher, onDrain);
}

/** Undefined for what tRPC refuses before there is a stream. */
function parseConnectionParams(searchParams: URLSearchParams): TRPCRequestInfo['connectionParams'] | undefined {
  const text = searchParams.get('connectionParams');
  if (text === null) return null;
  try {
    return parseConnectionParamsFromString(text);
  } catch {
    return undefined;
  }
}

/** Reads the input as tRPC's JSON content type does for a GET. */
function createInput(req: IncomingMessage, request: StreamRequest, deserialize: (data: unknown) => unknown) {
  const { searchParams } = request;
  let parsed: { input: unknown } | undefined;

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

  return {
    async read(): Promise<unknown> {
      parsed ??= { input: parse() };
      const { input } = parsed;
      const lastEventId =
        req.headers['last-event-id'] ?? searchParams.get('lastEventId') ?? searchParams.get('Last-Event-Id');
      if (!lastEventId) return input;
      if (typeof input === 'object' && input !== null && !Array.isArray(input)) return { ...input, lastEventId };
      return input ?? { lastEventId };
    },
    result: () => parsed?.input,
  };
}

function requestInfo(
  req: IncomingMessage,
  { path, searchParams }: StreamRequest,
  router: AnyTRPCRouter,
  input: ReturnType<typeof createInput>,
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
        getRawInput: input.read,
        result: input.result,
      },
    ],
    connectionParams: parseConnectionParams(searchParams) ?? null,
    signal,
    get url() {
      return new URL(req.url ?? '/', 'http://localhost');
    },
  };
}

/** Asks an ordinary async iterable for one event after the other. */
function pull(iterable: AsyncIterable<unknown>, sink: PushSink): PushHandle {
  const iterator = iterable[Symbol.asyncIterator]();
  let isClosed = false;
  let resume = () => {};

  async function run() {
    try {
      while (!isClosed) {
        const { done, value } = await iterator.next();
        if (isClosed) return;
        if (done) return sink.end();
        const hasRoom = isTrackedEnvelope(value) ? sink.event(value[0], value[1]) : sink.event(undefined, value);
        if (!hasRoom) await new Promise<void>((resolve) => (resume = resolve));
      }
    } catch (error) {
      if (!isClosed) sink.fail(error);
    }
  }
  void run();
  return {
    resume: () => resume(),
    close() {
      if (isClosed) return;
      isClosed = true;
      resume();
      iterator.return?.().catch(() => {});
    },
  };
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** As tRPC has it: such a stream just ends. */
function isAbortError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError';
}
