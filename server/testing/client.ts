import {
  createTRPCClient,
  httpLink,
  httpSubscriptionLink,
  splitLink,
  type TRPCClient,
  type TRPCLink,
} from '@trpc/client';
import { EventSource, type FetchLikeResponse } from 'eventsource';
import type { AnyTRPCRouter } from '@trpc/server';
import type { AppRouter } from '#server/http/router.ts';

/** What a stream has brought so far. */
export interface Stream<T> {
  events: { id: string; data: T }[];
  /** The data of `events`. */
  readonly data: T[];
  /** Resolves when the server has completed the stream, rejects when it has failed for good. */
  ended: Promise<void>;
  /** Resolves when the first event or the connection is there. */
  started: Promise<void>;
  close(): void;
}

/** A subscription of the typed client, such as `api.runs.onStatus`. */
interface Subscription<Input, Event> {
  subscribe(
    input: Input,
    callbacks: { onStarted?(): void; onData?(event: Event): void; onComplete?(): void; onError?(error: unknown): void },
  ): { unsubscribe(): void };
}

/** The data of an event: subscriptions that yield `tracked(id, data)` bring both. */
type DataOf<Event> = Event extends { id: string; data: infer Data } ? Data : Event;

export type TestClientOf<Router extends AnyTRPCRouter> = ReturnType<typeof createTestClient<Router>>;
export type TestClient = TestClientOf<AppRouter>;

/** As if the server had asked for it: an EventSource otherwise waits for 3 s before it connects again. */
function retrySoon({ url, status, redirected, headers, body }: Response): FetchLikeResponse {
  const answer = { url, status, redirected, headers, body };
  if (!body || !headers.get('content-type')?.startsWith('text/event-stream')) return answer;
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('retry: 50\n\n')),
  });
  body.pipeTo(writable).catch(() => {});
  return { ...answer, body: readable };
}

/** A server and what opens its door, such as a started Runlight. */
export interface ServerAccess {
  url: string;
  headers: Record<string, string>;
}

/** The typed client over HTTP, with an EventSource, as integration tests of users have it. */
export function createTestClient<Router extends AnyTRPCRouter = AppRouter>({ url, headers }: ServerAccess) {
  const open = new Set<() => void>();
  /** Of every subscription so far; one that reconnects keeps its source and makes another request. */
  const sources: EventSource[] = [];
  let streamRequests = 0;
  let mayComeBack = Promise.resolve();
  class RecordedEventSource extends EventSource {
    constructor(...args: ConstructorParameters<typeof EventSource>) {
      super(...args);
      sources.push(this);
    }
  }
  const links: TRPCLink<AppRouter>[] = [
    splitLink({
      condition: (operation) => operation.type === 'subscription',
      true: httpSubscriptionLink({
        url: `${url}/api/trpc`,
        EventSource: RecordedEventSource,
        eventSourceOptions: () => ({
          fetch: async (input, init) => {
            await mayComeBack;
            streamRequests += 1;
            return retrySoon(await fetch(input, { ...init, headers: { ...init.headers, ...headers } }));
          },
        }),
      }),
      false: httpLink({ url: `${url}/api/trpc`, headers }),
    }),
  ];
  // The links know nothing of a router but its transformer, and none has one.
  const client = createTRPCClient<Router>({ links: links as unknown as TRPCLink<Router>[] });

  /**
   * Opens a stream of any subscription, such as `stream((api) => api.runs.onStatus, { runId })`, and collects its events.
   * The id of an event that has none is ''.
   */
  function stream<Input, Event>(
    pick: (api: TRPCClient<Router>) => Subscription<Input, Event>,
    ...[input]: undefined extends Input ? [input?: Input] : [input: Input]
  ): Stream<DataOf<Event>> {
    type Data = DataOf<Event>;
    const events: { id: string; data: Data }[] = [];
    let close = () => {};
    let onStarted = () => {};
    const started = new Promise<void>((resolve) => (onStarted = resolve));
    const ended = new Promise<void>((resolve, reject) => {
      const subscription = pick(client).subscribe(input as Input, {
        onStarted,
        onData: (event) => events.push(isTracked<Data>(event) ? event : { id: '', data: event as Data }),
        onComplete: () => {
          open.delete(close);
          resolve();
        },
        onError: (error) => {
          open.delete(close);
          reject(error as Error);
        },
      });
      close = () => subscription.unsubscribe();
      open.add(close);
    });
    // Tests that need the outcome await it.
    ended.catch(() => {});
    return {
      events,
      get data() {
        return events.map((event) => event.data);
      },
      ended,
      started,
      close: () => close(),
    };
  }

  return {
    api: client,
    stream,
    /** Requests for streams so far, and whether every one of them has ended for good. */
    streamRequests: () => ({ count: streamRequests, allClosed: sources.every((it) => it.readyState === it.CLOSED) }),
    /** Streams that the server cuts do not come back until the returned function is called. */
    stayAway(): () => void {
      let comeBack = () => {};
      mayComeBack = new Promise((resolve) => (comeBack = resolve));
      return comeBack;
    },
    closeStreams() {
      for (const close of open) close();
    },
  };
}

function isTracked<Data>(event: unknown): event is { id: string; data: Data } {
  return typeof event === 'object' && event !== null && 'id' in event && 'data' in event;
}
