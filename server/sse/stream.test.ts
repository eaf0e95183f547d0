import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { initTRPC } from '@trpc/server';
import { expect, test, vi } from 'vitest';
import { collectGarbage } from '#server/testing/collect-garbage.ts';
import { eventually } from '#server/testing/eventually.ts';
import { type PushSink, type PushSource, pushTo } from './push-source.ts';
import { createResponder } from './responder.ts';

/** A stream; the test gets its sink. */
function createSource(onOpen: (sink: PushSink) => void): PushSource<unknown> {
  return {
    [pushTo](sink) {
      onOpen(sink);
      return { resume() {}, close() {} };
    },
    async *[Symbol.asyncIterator]() {},
  };
}

/** Serves one procedure, `watch`. */
async function serve(
  watch: (opts: { signal: AbortSignal }) => AsyncIterable<unknown>,
  { connectionTimeoutMs = 60_000, errorFormatter = ({ shape }: { shape: object }) => shape } = {},
) {
  const t = initTRPC.create({ errorFormatter });
  const router = t.router({
    watch: t.procedure.subscription(({ signal }) => watch({ signal: signal! }) as AsyncGenerator<unknown>),
  });
  const responder = createResponder({
    router,
    createContext: () => ({}),
    pingIntervalMs: 500,
    reconnectAfterInactivityMs: 1_500,
    connectionTimeoutMs,
  });
  const responses: ServerResponse[] = [];
  const answers: Promise<void>[] = [];
  const server = createServer((req, res) => {
    responses.push(res);
    answers.push(
      responder.respond(req, res, { path: 'watch', searchParams: new URLSearchParams(), headers: req.headers }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    responder,
    responses,
    answers,
    /** A client that has asked and reads nothing. */
    visit() {
      const socket = connect(port, '127.0.0.1').on('error', () => {});
      socket.pause();
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      return { socket, [Symbol.dispose]: () => void socket.destroy() };
    },
    async [Symbol.asyncDispose]() {
      responder[Symbol.dispose]();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test.concurrent.each(['little', 'much'] as const)(
  'a client that never reads is dropped after the connection timeout, with %s data on its way',
  async (how) => {
    const sinks: PushSink[] = [];
    await using served = await serve(() => createSource((sink) => sinks.push(sink)), { connectionTimeoutMs: 3_000 });
    using _client = served.visit();
    await eventually(() => expect(sinks).toHaveLength(1));
    const [response] = served.responses;
    const socket = response!.socket!;
    // Until the system's buffers are full.
    const text = 'x'.repeat(8_000);
    const limit = how === 'little' ? 0 : socket.writableHighWaterMark;
    while (socket.writableLength <= limit) {
      sinks[0]!.event(undefined, text);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(socket.writableNeedDrain).toBe(how === 'much');
    await eventually(() => expect(response!.closed).toBe(true));
    expect(served.responder.count()).toBe(0);
    expect(socket.destroyed).toBe(true);
  },
);

/** Ways to hear of a stream's end that hold nothing on to its signal. */
const listeners: Record<string, (signal: AbortSignal, onAbort: () => void) => void> = {
  'listens to its signal': (signal, onAbort) => signal.addEventListener('abort', onAbort),
  'listens to a signal made of its signal': (signal, onAbort) =>
    AbortSignal.any([signal, new AbortController().signal]).addEventListener('abort', onAbort),
  'begins to listen when it is open': (signal, onAbort) =>
    setImmediate(() => signal.addEventListener('abort', onAbort)),
};

test.each(Object.keys(listeners))('a procedure that %s hears that the stream has ended', async (how) => {
  const sinks: PushSink[] = [];
  const onAbort = vi.fn();
  await using served = await serve(({ signal }) => {
    listeners[how]!(signal, onAbort);
    return createSource((sink) => sinks.push(sink));
  });
  const client = served.visit();
  await eventually(() => expect(sinks).toHaveLength(1));
  await collectGarbage();
  expect(onAbort).not.toHaveBeenCalled();
  client[Symbol.dispose]();
  await eventually(() => expect(served.responder.count()).toBe(0));
  expect(onAbort).toHaveBeenCalledOnce();
});

test('a signal that is held aborts when the stream has ended, and one that is not held is released', async () => {
  const held: AbortSignal[] = [];
  const all: WeakRef<AbortSignal>[] = [];
  await using served = await serve(({ signal }) => {
    if (all.push(new WeakRef(signal)) === 1) held.push(signal);
    return createSource(() => {});
  });
  const clients = [served.visit()];
  await eventually(() => expect(all).toHaveLength(1));
  clients.push(served.visit());
  await eventually(async () => {
    expect(all).toHaveLength(2);
    await collectGarbage();
    expect(all.map((it) => it.deref())).toEqual([held[0], undefined]);
  });
  expect(held[0]!.aborted).toBe(false);
  for (const client of clients) client[Symbol.dispose]();
  await eventually(() => expect(served.responder.count()).toBe(0));
  expect(held[0]!.aborted).toBe(true);
});

test('an error that cannot be told ends its stream, and no other', async () => {
  await using served = await serve(
    () => {
      throw new Error('untold');
    },
    {
      errorFormatter() {
        throw new Error('cannot format');
      },
    },
  );
  using _client = served.visit();
  await eventually(() => expect(served.answers).toHaveLength(1));
  await expect(served.answers[0]).resolves.toBeUndefined();
  expect(served.responder.count()).toBe(0);
});

test('a generator that does not end when its client has gone is unfinished until it does', async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await using served = await serve(async function* () {
    yield 1;
    // It does not listen to its signal.
    await released;
  });
  const client = served.visit();
  await eventually(() => expect(served.responder.unfinished()).toEqual(['watch']));
  client[Symbol.dispose]();
  await eventually(() => expect(served.responder.count()).toBe(0));
  expect(served.responder.unfinished()).toEqual(['watch']);
  release();
  await eventually(() => expect(served.responder.unfinished()).toEqual([]));
});

test.each([
  [
    'throws when it is closed',
    () => {
      throw new Error('not now');
    },
  ],
  ['answers no promise when it is closed', () => ({ done: true, value: undefined })],
  ['never answers when it is closed', () => new Promise(() => {})],
  ['cannot be closed', undefined],
])('an iterable that %s harms no other stream when its client leaves', async (_, close) => {
  const next = vi.fn(() => new Promise(() => {}));
  const iterable = { [Symbol.asyncIterator]: () => ({ next, ...(close && { return: close }) }) } as never;
  await using served = await serve(() => iterable);
  const leaving = served.visit();
  await eventually(() => expect(next).toHaveBeenCalledTimes(1));
  leaving.socket.destroy();
  await eventually(() => expect(served.responder.count()).toBe(0));
  using _staying = served.visit();
  await eventually(() => expect(next).toHaveBeenCalledTimes(2));
  expect(served.responder.count()).toBe(1);
});
