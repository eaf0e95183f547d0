import { Agent } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { createTRPCClient, httpSubscriptionLink } from '@trpc/client';
import { EventSource } from 'eventsource';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { eventually } from '#server/testing/eventually.ts';
import { answerOf, createContext, makeRouter, serve, type Served } from '#server/testing/serve-subscriptions.ts';
import { createResponder } from './responder.ts';

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
  [
    'a context that is aborted while it is made',
    `guarded?connectionParams=${encodeURIComponent('{"user":"aborted"}')}`,
  ],
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
  const make = () =>
    createResponder({
      router,
      createContext,
      pingIntervalMs: 500,
      reconnectAfterInactivityMs: 500,
      connectionTimeoutMs: 1,
    });
  expect(make).toThrow(/500 ms of silence/);
});
