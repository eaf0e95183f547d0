import { EventSource, type EventSourceInit } from 'eventsource';
import { describe, expect, test } from 'vitest';
import { eventually } from '#server/testing/eventually.ts';
import type { ConnectionState } from './composed-event-source.ts';
import type { Network, NetworkChange } from './network.ts';
import { createSurvivingEventSource, type SurvivingEventSourceOptions } from './surviving-event-source.ts';
import {
  badGateway,
  aPage,
  noContent,
  breaks,
  hangs,
  beginsAndHangs,
  sends,
  cut,
  end,
  complete,
  misbehavingServer,
  eventsUpTo,
} from './testing/misbehaving-server.ts';

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

/** A network that the test controls. */
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

describe('a source that survives', () => {
  test('resumes after every fault of a server or proxy, and delivers each event once', async () => {
    const faults = [badGateway, aPage, noContent, breaks, hangs, beginsAndHangs];
    const answers = faults.flatMap((fault) => [sends(3, cut), fault, sends(2, end), fault]);
    await using server = await misbehavingServer(...answers, sends(1, complete));
    using stream = open(server.url, { ...quick, silenceMs: 800 });
    await eventually(() => expect(stream.completed()).toBe(true));
    expect(stream.events).toEqual(eventsUpTo(faults.length * 5 + 1));
    expect(server.requests).toHaveLength(answers.length + 1);
    expect(stream.errors()).toBe(answers.length);
  });

  test('asks for what follows its last event, also after failed attempts in between', async () => {
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
  ])('makes no more requests once it is closed while $when', async ({ answer, closeOn }) => {
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
    // Meanwhile another source makes several attempts with the same delays.
    await using elsewhere = await misbehavingServer(badGateway, badGateway, badGateway, badGateway, sends(1));
    using other = open(elsewhere.url, quick);
    await eventually(() => expect(other.events).toHaveLength(1));
    expect(server.requests).toHaveLength(1);
    expect(server.open()).toBe(0);
  });

  test('aborts its request when it is closed while connecting', async () => {
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

  test('tries again at once on retryNow, when the page becomes visible, and when the network is back', async () => {
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

  test('replaces a connection from before a network change, but not when the page only becomes visible', async () => {
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

  test('closes the connection of a hidden page, and resumes when the page is visible', async () => {
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

  test('reports its states', async () => {
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

  test('keeps polling while a server accepts connections and ends them at once', async () => {
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
