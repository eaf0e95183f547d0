import { Agent, createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { initTRPC, tracked, TRPCError } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import type { TRPCRequestInfo } from '@trpc/server/http';
import { observable } from '@trpc/server/observable';
import { createTRPCClient, httpSubscriptionLink } from '@trpc/client';
import { EventSource } from 'eventsource';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { eventually } from '#server/testing/eventually.ts';
import { createResponder, type Responder } from './responder.ts';

const pingIntervalMs = 200;
const reconnectAfterInactivityMs = 600;

interface Context {
  user: string | undefined;
}

// Dates as { $date }, so that what goes through the transformer can be told from what does not.
const transformer = {
  serialize: (value: unknown) => ({ wrapped: value }),
  deserialize: (value: unknown) => (value as { wrapped: unknown }).wrapped,
};

function makeRouter(withTransformer: boolean) {
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

function createContext({ info }: { info: TRPCRequestInfo }): Context {
  if (info.connectionParams?.['user'] === 'broken') throw new TRPCError({ code: 'FORBIDDEN', message: 'no context' });
  if (info.connectionParams?.['user'] === 'aborted') throw new DOMException('no context', 'AbortError');
  return { user: info.connectionParams?.['user'] };
}

async function serve(kind: 'stock' | 'responder', withTransformer = false) {
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
type Served = Awaited<ReturnType<typeof serve>>;

/** The whole answer, with what differs between any two answers taken out. */
async function answerOf(
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

const withInput = (path: string, input: unknown, query = '') =>
  `${path}?input=${encodeURIComponent(JSON.stringify(input))}${query}`;

const requests: [string, string, Record<string, string>?][] = [
  ['values of every kind', 'values'],
  ['tracked values', 'trackedValues'],
  ['no value', 'nothing'],
  ['a nested procedure with input', withInput('nested.echo', { text: 'hi' })],
  ['a last event id in a header', withInput('nested.echo', { text: 'hi' }), { 'last-event-id': '17' }],
  ['a last event id in the query', withInput('nested.echo', { text: 'hi' }, '&lastEventId=18')],
  [
    'a last event id in the query as a polyfill writes it',
    withInput('nested.echo', { text: 'hi' }, '&Last-Event-Id=19'),
  ],
  ['a last event id without input', 'anyInput', { 'last-event-id': '20' }],
  ['a last event id beside an input that is no object', withInput('anyInput', 'text'), { 'last-event-id': '21' }],
  ['a last event id beside an input that is an array', withInput('anyInput', [1]), { 'last-event-id': '21' }],
  ['no input where none is needed', 'anyInput'],
  ['no input where one is needed', 'nested.echo'],
  ['input of the wrong shape', withInput('nested.echo', { text: 7 })],
  ['input that is not JSON', 'nested.echo?input=%7B'],
  ['an error thrown before there is a stream', 'throwsAtOnce'],
  ['an error with a code, thrown amid the stream', 'throwsCode'],
  ['something thrown that is no error', 'throwsUnknown'],
  ['an abort error', 'aborts'],
  ['a procedure that returns no stream', 'notIterable'],
  ['a middleware that refuses', 'guarded'],
  ['connection parameters', `guarded?connectionParams=${encodeURIComponent('{"user":"ada"}')}`],
  ['connection parameters that are not JSON', 'guarded?connectionParams=x'],
  ['connection parameters of the wrong shape', `guarded?connectionParams=${encodeURIComponent('{"user":1}')}`],
  ['a context that cannot be made', `guarded?connectionParams=${encodeURIComponent('{"user":"broken"}')}`],
  ['a context whose making is aborted', `guarded?connectionParams=${encodeURIComponent('{"user":"aborted"}')}`],
  ['an abort error before there is a stream', 'abortsAtOnce'],
  ['an observable', 'observed'],
  ['an observable that fails', 'observedError'],
  ['a body of several parts', 'values', { 'content-type': 'multipart/form-data; boundary=x' }],
  ['a body of bytes', 'values', { 'content-type': 'application/octet-stream' }],
  ['a body of another type', 'values', { 'content-type': 'text/plain' }],
  ['an answer in lines', 'values', { 'trpc-accept': 'application/jsonl' }],
  ['an event of a megabyte', 'large'],
  ['2,000 events at once', 'many'],
  ['a query', 'query'],
  ['an unknown procedure', 'nowhere'],
  ['a subscription in a batch', 'values?batch=1'],
];

describe.each([
  ['without a transformer', false],
  ['with a transformer', true],
])('the responder answers with the bytes of tRPC’s adapter, %s', (_, withTransformer) => {
  let stock: Served;
  let own: Served;
  beforeAll(async () => {
    stock = await serve('stock', withTransformer);
    own = await serve('responder', withTransformer);
  });
  afterAll(async () => {
    await stock[Symbol.asyncDispose]();
    await own[Symbol.asyncDispose]();
  });

  test.each(requests)('%s', async (_name, path, headers) => {
    const [expected, answer] = [await answerOf(stock, path, headers), await answerOf(own, path, headers)];
    expect(answer).toEqual(expected);
    expect(answer.body).not.toBe('');
  });
});

describe.each(['stock', 'responder'] as const)('with the %s', (kind) => {
  test('a client that leaves ends the generator, and one that stays is pinged', async () => {
    await using served = await serve(kind);
    const source = new EventSource(`${served.url}forever`);
    const pings = vi.fn();
    source.addEventListener('ping', pings);
    await eventually(() => expect(pings.mock.calls.length).toBeGreaterThan(1));
    expect(served.started).toHaveBeenCalledOnce();
    expect(served.finished).not.toHaveBeenCalled();
    source.close();
    await eventually(() => expect(served.finished).toHaveBeenCalledOnce());
  });

  test('tRPC’s client reads events, their ends and their errors', async () => {
    await using served = await serve(kind);
    const client = createTRPCClient<Served['router']>({
      links: [httpSubscriptionLink({ url: served.url, EventSource })],
    });
    const ofEvents: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      client.trackedValues.subscribe(undefined, {
        onData: (event) => ofEvents.push(event),
        onComplete: resolve,
        onError: reject,
      });
    });
    expect(ofEvents).toEqual([0, 1, 2, 3, 4].map((n) => ({ id: `id-${n}`, data: { n } })));
    const error = await new Promise<unknown>((resolve) => {
      client.throwsCode.subscribe(undefined, { onError: resolve });
    });
    expect(error).toMatchObject({ message: 'gone', data: { code: 'NOT_FOUND', cause: 'deeper' } });
  });
});

test('after a stream has ended, the next request comes on the same connection', async () => {
  await using served = await serve('responder');
  const sockets = new Set<unknown>();
  served.server.on('connection', (socket) => sockets.add(socket));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let n = 0; n < 3; n += 1)
    expect((await answerOf(served, 'trackedValues', {}, agent)).body).toContain('event: return');
  expect((await answerOf(served, 'query', {}, agent)).body).toBe('{"result":{"data":"answer"}}');
  agent.destroy();
  expect(sockets.size).toBe(1);
});

test('requests that are sent before the answer to an earlier one get theirs in turn', async () => {
  await using served = await serve('responder');
  const expected = await answerOf(served, 'trackedValues');
  const socket = connect(Number(new URL(served.url).port), '127.0.0.1');
  const get = (path: string, connection: string) =>
    `GET /api/${path} HTTP/1.1\r\nHost: x\r\nConnection: ${connection}\r\n\r\n`;
  socket.write(get('trackedValues', 'keep-alive') + get('values', 'keep-alive') + get('trackedValues', 'close'));
  let text = '';
  socket.on('data', (part: Buffer) => (text += part.toString()));
  await eventually(() => expect(text.match(/event: return/g)).toHaveLength(3));
  socket.destroy();
  // Without the lengths of the chunks.
  const bodies = text.replace(/\r\n[0-9a-f]+\r\n/g, '').split('HTTP/1.1 200 OK');
  expect(bodies).toHaveLength(4);
  expect(bodies[1]).toContain('id: id-4');
  expect(bodies[2]).toContain('{"three":[null,true]}');
  expect(bodies[3]).toContain('id: id-4');
  expect(expected.body).toContain('id: id-4');
});

test('over HTTP/2 the same bytes arrive', async () => {
  await using served = await serve('responder');
  const server = createHttp2Server((req, res) => {
    const url = new URL(req.url, 'http://localhost');
    void served.responder.respond(req as never, res as never, {
      path: url.pathname.slice('/api/'.length),
      searchParams: url.searchParams,
      headers: {},
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  for (const path of ['trackedValues', 'throwsCode', 'many']) {
    const stream = session.request({ ':path': `/api/${path}` });
    let body = '';
    for await (const part of stream) body += (part as Buffer).toString();
    expect(body).toBe((await answerOf(served, path)).body);
  }
  session.close();
  await new Promise((resolve) => server.close(resolve));
});

test('draining ends every stream without saying that nothing follows, and ends their generators', async () => {
  await using served = await serve('responder');
  const bodies = Array.from({ length: 20 }, async () => (await fetch(`${served.url}forever`)).text());
  await eventually(() => expect(served.started).toHaveBeenCalledTimes(20));
  expect(served.responder.count()).toBe(20);
  await served.responder.drain(100);
  expect(served.responder.count()).toBe(0);
  for (const body of await Promise.all(bodies)) {
    expect(body).toContain('begun');
    expect(body).not.toContain('event: return');
  }
  expect(served.finished).toHaveBeenCalledTimes(20);
});

test('a ping interval that would let clients give up in between is refused', () => {
  const { router } = makeRouter(false);
  const make = (): Responder<Context> =>
    createResponder({
      router,
      createContext,
      pingIntervalMs: 500,
      reconnectAfterInactivityMs: 500,
      connectionTimeoutMs: 1,
    });
  expect(make).toThrow(/500 ms of silence/);
});
