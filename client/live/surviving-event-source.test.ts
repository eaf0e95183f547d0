// The class runs in Node, too, and there a real server can misbehave in every way.
// oxlint-disable-next-line no-restricted-imports
import { createServer, type ServerResponse } from 'node:http';
// oxlint-disable-next-line no-restricted-imports
import type { AddressInfo } from 'node:net';
import { createTRPCUntypedClient, httpSubscriptionLink } from '@trpc/client';
import { EventSource, type EventSourceInit } from 'eventsource';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventually } from '#server/testing/eventually.ts';
import type { ConnectionState } from './composed-event-source.ts';
import { createConnection } from './connection.ts';
import type { Network, NetworkChange } from './network.ts';
import { retryDelayMs } from './retry-delay.ts';
import { createSurvivingEventSource, type SurvivingEventSourceOptions } from './surviving-event-source.ts';

/** What the server does with one request; `after` is the event that the client has had last. */
type Answer = (res: ServerResponse, after: number) => void;

const badGateway: Answer = (res) => res.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
const aPage: Answer = (res) => res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Please log in</h1>');
const noContent: Answer = (res) => res.writeHead(204).end();
const breaks: Answer = (res) => res.destroy();
const hangs: Answer = () => {};
const beginsAndHangs: Answer = (res) => res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();

const frame = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** As Runlight's server answers: `connected`, then the next `count` events, then `last`. */
const sends =
  (count: number, last: (res: ServerResponse) => void = () => {}, reconnectAfterInactivityMs?: number): Answer =>
  (res, after) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    const events = Array.from({ length: count }, (_, index) => after + index + 1);
    const frames = events.map((id) => `data: ${JSON.stringify(`event ${id}`)}\nid: ${id}\n\n`);
    res.write(frame('connected', { reconnectAfterInactivityMs }) + frames.join(''), () => last(res));
  };
const cut = (res: ServerResponse) => void res.destroy();
const end = (res: ServerResponse) => void res.end();
const complete = (res: ServerResponse) => void res.end(frame('return', ''));
const fail = (code: number) => (res: ServerResponse) =>
  void res.end(frame('serialized-error', { message: 'no', code, data: { code: 'SOME_CODE' } }));

/** Answers one request after the other as told, and hangs when nothing is left. */
async function misbehavingServer(...answers: Answer[]) {
  const requests: URL[] = [];
  let open = 0;
  const server = createServer((req, res) => {
    open += 1;
    res.on('close', () => (open -= 1));
    const url = new URL(req.url!, 'http://localhost');
    requests.push(url);
    const { lastEventId } = JSON.parse(url.searchParams.get('input') ?? '{}') as { lastEventId?: string };
    const after = req.headers['last-event-id'] ?? url.searchParams.get('lastEventId') ?? lastEventId ?? 0;
    (answers.shift() ?? hangs)(res, Number(after));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    /** Requests that are being answered. */
    open: () => open,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Options = SurvivingEventSourceOptions<EventSourceInit>;

const quick: Options = { EventSource, minDelayMs: 5, maxDelayMs: 10, silenceMs: 20_000 };
/** Never tries again by itself within a test. */
const patient: Options = { EventSource, minDelayMs: 1e9, maxDelayMs: 1e9 };

function open(url: string, options: Options) {
  const states: (ConnectionState | null)[] = [];
  const Source = createSurvivingEventSource({ ...options, onStateChange: (_, state) => states.push(state) });
  const source = new Source(`${url}/stream?input=%7B%7D`);
  const events: string[] = [];
  let completed = false;
  let errors = 0;
  source.addEventListener('message', (event) => events.push(JSON.parse((event as MessageEvent<string>).data)));
  source.addEventListener('connected', () => {});
  source.addEventListener('return', () => {
    completed = true;
    source.close();
  });
  source.addEventListener('error', () => {
    errors += 1;
    expect(source.readyState).toBe(source.CONNECTING);
  });
  return {
    source,
    events,
    states,
    completed: () => completed,
    errors: () => errors,
    [Symbol.dispose]: () => source.close(),
  };
}

/** A network that does what the test says. */
function network() {
  const listeners = new Set<Parameters<Network['listen']>[0]>();
  let online = true;
  return {
    isOnline: () => online,
    listen: (listener: Parameters<Network['listen']>[0]) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    listeners,
    change(change: NetworkChange) {
      if (change === 'online' || change === 'offline') online = change === 'online';
      for (const listener of listeners) listener(change);
    },
  };
}

const eventsUpTo = (count: number) => Array.from({ length: count }, (_, index) => `event ${index + 1}`);

describe('a source that survives', () => {
  test('takes every fault of a server or proxy for an interruption, and brings each event once', async () => {
    const faults = [badGateway, aPage, noContent, breaks, hangs, beginsAndHangs];
    const answers = faults.flatMap((fault) => [sends(3, cut), fault, sends(2, end), fault]);
    await using server = await misbehavingServer(...answers, sends(1, complete));
    using stream = open(server.url, { ...quick, silenceMs: 800 });
    await eventually(() => expect(stream.completed()).toBe(true));
    expect(stream.events).toEqual(eventsUpTo(faults.length * 5 + 1));
    expect(server.requests).toHaveLength(answers.length + 1);
    expect(stream.errors()).toBe(answers.length);
  });

  test('asks for what follows its last event, whatever came to nothing in between', async () => {
    await using server = await misbehavingServer(sends(3, cut), badGateway, sends(0, cut), sends(2, complete));
    using stream = open(server.url, quick);
    await eventually(() => expect(stream.completed()).toBe(true));
    expect(server.requests.map((url) => url.searchParams.getAll('lastEventId'))).toEqual([[], ['3'], ['3'], ['3']]);
    expect(server.requests.every((url) => url.searchParams.get('input') === '{}')).toBe(true);
  });

  test.for([
    { when: 'live', answer: sends(1), closeOn: 'message' },
    { when: 'completed', answer: sends(1, complete), closeOn: 'return' },
    { when: 'waiting for its next attempt', answer: badGateway, closeOn: 'error' },
  ])('makes no request any more once it is closed while $when', async ({ answer, closeOn }) => {
    await using server = await misbehavingServer(answer, sends(1));
    using stream = open(server.url, quick);
    await new Promise<void>((resolve) =>
      stream.source.addEventListener(closeOn, () => {
        stream.source.close();
        resolve();
      }),
    );
    expect(stream.source.readyState).toBe(stream.source.CLOSED);
    expect(stream.states.at(-1)).toBe(null);
    // Another one gets through several attempts meanwhile, with the same waits.
    await using elsewhere = await misbehavingServer(badGateway, badGateway, badGateway, badGateway, sends(1));
    using other = open(elsewhere.url, quick);
    await eventually(() => expect(other.events).toHaveLength(1));
    expect(server.requests).toHaveLength(1);
    expect(server.open()).toBe(0);
  });

  test('takes back its request when it is closed while connecting', async () => {
    await using server = await misbehavingServer(hangs);
    using stream = open(server.url, patient);
    await eventually(() => expect(server.open()).toBe(1));
    stream.source.close();
    await eventually(() => expect(server.open()).toBe(0));
  });

  test('makes no request at all when it is closed at once', async () => {
    await using server = await misbehavingServer(sends(1));
    const network1 = network();
    open(server.url, { ...quick, network: network1 }).source.close();
    using second = open(server.url, quick);
    await eventually(() => expect(second.events).toHaveLength(1));
    expect(server.requests).toHaveLength(1);
    expect(network1.listeners.size).toBe(0);
  });

  test('tries again at once when told to, when the user looks at the page, and when the network is back', async () => {
    await using server = await misbehavingServer(badGateway, badGateway, badGateway, badGateway, sends(1));
    const { change, ...rest } = network();
    using stream = open(server.url, { ...patient, network: rest });
    const attempts = (count: number) =>
      eventually(() => {
        expect(server.requests).toHaveLength(count);
        expect(stream.errors()).toBe(count);
      });
    await attempts(1);
    stream.source.retryNow();
    await attempts(2);
    change('visible');
    await attempts(3);
    change('offline');
    expect(stream.source.state).toBe('offline');
    stream.source.retryNow();
    await attempts(4);
    expect(stream.source.state).toBe('offline');
    change('online');
    await eventually(() => expect(stream.source.state).toBe('live'));
    expect(stream.events).toEqual(['event 1']);
  });

  test('renews a connection from before the network changed, and leaves it alone when the user only comes back', async () => {
    await using server = await misbehavingServer(sends(1), sends(1));
    const { change, ...rest } = network();
    using stream = open(server.url, { ...patient, network: rest });
    await eventually(() => expect(stream.events).toHaveLength(1));
    change('offline');
    expect(stream.source.state).toBe('live');
    change('visible');
    stream.source.retryNow();
    change('online');
    await eventually(() => expect(stream.events).toEqual(eventsUpTo(2)));
    expect(server.requests).toHaveLength(2);
    await eventually(() => expect(server.open()).toBe(1));
  });

  test('gives the connection of a page back that nobody looks at, and resumes when somebody does', async () => {
    await using server = await misbehavingServer(sends(2), sends(1, complete));
    const { change, ...rest } = network();
    using stream = open(server.url, { ...quick, network: rest, hiddenMs: 1 });
    await eventually(() => expect(stream.events).toHaveLength(2));
    change('hidden');
    await eventually(() => expect(server.open()).toBe(0));
    stream.source.retryNow();
    change('online');
    expect(server.requests).toHaveLength(1);
    change('visible');
    await eventually(() => expect(stream.completed()).toBe(true));
    expect(stream.events).toEqual(eventsUpTo(3));
    expect(server.requests).toHaveLength(2);
    expect(stream.errors()).toBe(0);
  });

  test('says how it does', async () => {
    await using server = await misbehavingServer(
      sends(1, cut),
      ...Array.from({ length: 40 }, () => badGateway),
      sends(1),
    );
    using stream = open(server.url, { ...quick, pollingAfterMs: 60 });
    await eventually(() => expect(stream.events).toHaveLength(2));
    stream.source.close();
    expect(stream.states).toEqual(['connecting', 'live', 'reconnecting', 'polling', 'live', null]);
  });

  test('does not take a server that connects and fails at once for one that has recovered', async () => {
    await using server = await misbehavingServer(
      ...Array.from({ length: 40 }, () => sends(0, cut)),
      sends(1, cut),
      sends(1),
    );
    using stream = open(server.url, { ...quick, pollingAfterMs: 60 });
    await eventually(() => expect(stream.events).toHaveLength(2));
    expect(stream.states).toContain('polling');
    expect(stream.states.slice(-3)).toEqual(['live', 'reconnecting', 'live']);
  });
});

describe("under tRPC's link", () => {
  function subscribe(url: string, options: Options = quick) {
    const events: string[] = [];
    const errors: unknown[] = [];
    let started = 0;
    let completed = false;
    const client = createTRPCUntypedClient({
      links: [httpSubscriptionLink({ url, EventSource: createSurvivingEventSource(options) })],
    });
    const subscription = client.subscription(
      'runs.onEvents',
      { runId: 'r' },
      {
        onStarted: () => (started += 1),
        onData: (event) => events.push((event as { data: string }).data),
        onComplete: () => (completed = true),
        onError: (error) => errors.push(error),
      },
    );
    return {
      events,
      errors,
      started: () => started,
      completed: () => completed,
      [Symbol.dispose]: () => subscription.unsubscribe(),
    };
  }

  test('a subscription goes on through outages and retryable errors, and completes', async () => {
    const internal = -32603;
    await using server = await misbehavingServer(
      sends(2, cut),
      badGateway,
      sends(2, fail(internal)),
      aPage,
      sends(2, complete),
    );
    using stream = subscribe(server.url);
    await eventually(() => expect(stream.completed()).toBe(true));
    expect(stream.events).toEqual(eventsUpTo(6));
    expect(stream.errors).toEqual([]);
    expect(stream.started()).toBe(3);
    await eventually(() => expect(server.open()).toBe(0));
    expect(server.requests).toHaveLength(5);
  });

  test('a refusal by the procedure ends it for good', async () => {
    const notFound = -32004;
    await using server = await misbehavingServer(badGateway, sends(0, fail(notFound)), sends(1));
    using stream = subscribe(server.url);
    await eventually(() => expect(stream.errors).toHaveLength(1));
    expect(server.requests).toHaveLength(2);
  });

  test('a connection that falls silent is replaced by one that resumes', async () => {
    await using server = await misbehavingServer(sends(2, undefined, 100), badGateway, sends(2, complete));
    using stream = subscribe(server.url);
    await eventually(() => expect(stream.completed()).toBe(true));
    expect(stream.events).toEqual(eventsUpTo(4));
  });

  test('a subscription that is given up at once, as StrictMode does, leaves one stream', async () => {
    await using server = await misbehavingServer(sends(1), sends(1));
    subscribe(server.url)[Symbol.dispose]();
    using stream = subscribe(server.url);
    await eventually(() => expect(stream.events).toHaveLength(1));
    expect(server.requests).toHaveLength(1);
    expect(server.open()).toBe(1);
  });
});

test('waits grow with the outage up to a limit, and are spread over all of it', () => {
  fc.assert(
    fc.property(fc.integer({ min: -10_000, max: 1e10 }), (failingForMs) => {
      const limit = Math.min(15_000, Math.max(500, failingForMs));
      const waits = Array.from({ length: 200 }, () =>
        retryDelayMs({ failingForMs, minDelayMs: 500, maxDelayMs: 15_000 }),
      );
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
      expect(Math.min(...waits)).toBeLessThan(limit * 0.25);
      expect(Math.max(...waits)).toBeGreaterThan(limit * 0.75);
      expect(Math.max(...waits)).toBeLessThanOrEqual(limit);
    }),
  );
});

test('the connection of a page is as good as its worst stream, but for one that only begins', () => {
  const connection = createConnection();
  let told = 0;
  const unsubscribe = connection.subscribe(() => (told += 1));
  let retries = 0;
  const [feed, run] = [{ retryNow: () => (retries += 1) }, { retryNow: () => (retries += 1) }];
  connection.report(feed, 'connecting');
  expect(connection.state()).toBe('connecting');
  connection.report(feed, 'live');
  connection.report(run, 'connecting');
  expect(connection.state()).toBe('live');
  connection.report(run, 'polling');
  connection.report(feed, 'reconnecting');
  expect(connection.state()).toBe('polling');
  connection.retryNow();
  expect(retries).toBe(2);
  connection.report(run, null);
  expect(connection.state()).toBe('reconnecting');
  connection.report(feed, null);
  expect(connection.state()).toBe('reconnecting');
  expect(told).toBe(3);
  unsubscribe();
  connection.report(feed, 'live');
  expect(told).toBe(3);
});
