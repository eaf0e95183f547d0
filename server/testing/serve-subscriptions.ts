import { type Agent, createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { initTRPC, tracked, TRPCError } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import type { TRPCRequestInfo } from '@trpc/server/http';
import { observable } from '@trpc/server/observable';
import { vi } from 'vitest';
import { z } from 'zod';
import { createResponder } from '#server/sse/responder.ts';

const pingIntervalMs = 200;
const reconnectAfterInactivityMs = 600;

interface Context {
  user: string | undefined;
}

/** Wraps every value, which shows what went through it. */
const transformer = {
  serialize: (value: unknown) => ({ wrapped: value }),
  deserialize: (value: unknown) => (value as { wrapped: unknown }).wrapped,
};

/** Subscriptions that yield, fail and end in every way. */
export function makeRouter(withTransformer: boolean) {
  const t = initTRPC.context<Context>().create({
    ...(withTransformer && { transformer }),
    errorFormatter: ({ shape, error }) => ({
      ...shape,
      data: { ...shape.data, stack: undefined, cause: error.cause?.message },
    }),
    sse: { ping: { enabled: true, intervalMs: pingIntervalMs }, client: { reconnectAfterInactivityMs } },
  });
  const started = vi.fn();
  const finished = vi.fn();
  const onlyUsers = t.procedure.use(({ ctx, next }) => {
    if (!ctx.user) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'who are you?' });
    return next({ ctx: { user: ctx.user } });
  });
  const router = t.router({
    values: t.procedure.subscription(async function* () {
      yield 1;
      yield 'two\nlines\u2028 and ünïcode \u{1f600}';
      yield { three: [null, true] };
      yield undefined;
      yield null;
    }),
    trackedValues: t.procedure.subscription(async function* () {
      for (let n = 0; n < 5; n += 1) yield tracked(`id-${n}`, { n });
    }),
    nothing: t.procedure.subscription(async function* () {}),
    nested: t.router({
      echo: t.procedure
        .input(z.object({ text: z.string(), lastEventId: z.string().nullish() }))
        .subscription(async function* (opts) {
          yield opts.input;
        }),
    }),
    anyInput: t.procedure.input(z.any()).subscription(async function* (opts) {
      yield { input: opts.input as unknown };
    }),
    throwsAtOnce: t.procedure.subscription(() => {
      throw new Error('at once');
    }),
    throwsCode: t.procedure.subscription(async function* () {
      yield 1;
      throw new TRPCError({ code: 'NOT_FOUND', message: 'gone', cause: new Error('deeper') });
    }),
    throwsUnknown: t.procedure.subscription(async function* () {
      yield 1;
      throw 'a text';
    }),
    aborts: t.procedure.subscription(async function* () {
      yield 1;
      throw new DOMException('stop', 'AbortError');
    }),
    notIterable: t.procedure.subscription((() => 7) as never),
    guarded: onlyUsers.subscription(async function* ({ ctx }) {
      yield `hello ${ctx.user}`;
    }),
    large: t.procedure.subscription(async function* () {
      yield 'x'.repeat(1_000_000);
    }),
    many: t.procedure.subscription(async function* () {
      for (let n = 0; n < 2_000; n += 1) yield tracked(String(n), { n, text: 'line' });
    }),
    forever: t.procedure.subscription(async function* ({ signal }) {
      started();
      try {
        yield 'begun';
        await new Promise((resolve) => signal!.addEventListener('abort', resolve));
      } finally {
        finished();
      }
    }),
    observed: t.procedure.subscription(() =>
      observable<unknown>((observer) => {
        observer.next(1);
        observer.next(tracked('two', 2));
        observer.complete();
      }),
    ),
    observedError: t.procedure.subscription(() =>
      observable<unknown>((observer) => {
        observer.next(1);
        observer.error(new TRPCError({ code: 'CONFLICT', message: 'observed' }));
      }),
    ),
    abortsAtOnce: t.procedure.subscription(() => {
      throw new DOMException('at once', 'AbortError');
    }),
    query: t.procedure.query(() => 'answer'),
  });
  return { router, started, finished };
}

export function createContext({ info }: { info: TRPCRequestInfo }): Context {
  if (info.connectionParams?.['user'] === 'broken') throw new TRPCError({ code: 'FORBIDDEN', message: 'no context' });
  if (info.connectionParams?.['user'] === 'aborted') throw new DOMException('no context', 'AbortError');
  return { user: info.connectionParams?.['user'] };
}

/** Serves the router over HTTP; subscriptions are answered by tRPC's adapter, `stock`, or by the responder. */
export async function serve(kind: 'stock' | 'responder', withTransformer = false) {
  const made = makeRouter(withTransformer);
  const stock = createHTTPHandler({ router: made.router, createContext, basePath: '/api/' });
  const responder = createResponder({
    router: made.router,
    createContext,
    pingIntervalMs,
    reconnectAfterInactivityMs,
    connectionTimeoutMs: 60_000,
  });
  const server = createServer((req, res) => {
    const url = new URL(req.url!, 'http://localhost');
    const path = decodeURIComponent(url.pathname.slice('/api/'.length));
    const request = { path, searchParams: url.searchParams, headers: req.headers };
    if (kind === 'responder' && req.method === 'GET' && responder.answers(request))
      void responder.respond(req, res, request);
    else stock(req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    ...made,
    responder,
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    async [Symbol.asyncDispose]() {
      responder[Symbol.dispose]();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
export type Served = Awaited<ReturnType<typeof serve>>;

/** The whole answer but for its date. */
export async function answerOf(
  served: Served,
  pathAndQuery: string,
  headers: Record<string, string> = {},
  agent: Agent | false = false,
) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest(served.url + pathAndQuery, { headers, agent }, resolve)
      .on('error', reject)
      .end();
  });
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  const { date: _, ...kept } = response.headers;
  return { status: response.statusCode, headers: kept, body: Buffer.concat(parts).toString() };
}
