import { createTRPCClient, httpLink, httpSubscriptionLink, splitLink, type TRPCClientError } from '@trpc/client';
import { EventSource } from 'eventsource';
import type {
  JobStatusEvent,
  QueueStats,
  RunEvent,
  RunSummary,
  TestStatusEvent,
  WorkerPresence,
} from '#shared/events.ts';
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

interface Callbacks<T> {
  onStarted(): void;
  onData(event: { id: string; data: T }): void;
  onComplete(): void;
  onError(error: TRPCClientError<AppRouter>): void;
}

export type TestClient = ReturnType<typeof createTestClient>;

/** A server and what opens its door, such as a started Runlight. */
export interface ServerAccess {
  url: string;
  headers: Record<string, string>;
}

/** The typed client over HTTP, with an EventSource, as integration tests of users have it. */
export function createTestClient({ url, headers }: ServerAccess) {
  const open = new Set<() => void>();
  /** Of every subscription so far; one that reconnects keeps its source and makes another request. */
  const sources: EventSource[] = [];
  let streamRequests = 0;
  class RecordedEventSource extends EventSource {
    constructor(...args: ConstructorParameters<typeof EventSource>) {
      super(...args);
      sources.push(this);
    }
  }
  const client = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === 'subscription',
        true: httpSubscriptionLink({
          url: `${url}/api/trpc`,
          EventSource: RecordedEventSource,
          eventSourceOptions: () => ({
            fetch: (input, init) => {
              streamRequests += 1;
              return fetch(input, { ...init, headers: { ...init.headers, ...headers } });
            },
          }),
        }),
        false: httpLink({ url: `${url}/api/trpc`, headers }),
      }),
    ],
  });

  function stream<T>(subscribe: (callbacks: Callbacks<T>) => { unsubscribe(): void }): Stream<T> {
    const events: { id: string; data: T }[] = [];
    let close = () => {};
    let onStarted = () => {};
    const started = new Promise<void>((resolve) => (onStarted = resolve));
    const ended = new Promise<void>((resolve, reject) => {
      const subscription = subscribe({
        onStarted,
        onData: (event) => {
          events.push({ id: event.id, data: event.data });
        },
        onComplete: () => {
          open.delete(close);
          resolve();
        },
        onError: (error) => {
          open.delete(close);
          reject(error);
        },
      });
      close = () => subscription.unsubscribe();
      open.add(close);
    });
    // Whoever cares awaits it.
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
    onRunStatus: (input: { runId: string; lastEventId?: string }) =>
      stream<JobStatusEvent>((callbacks) => client.runs.onStatus.subscribe(input, callbacks)),
    onRunEvents: (input: { runId: string; lastEventId?: string }) =>
      stream<RunEvent>((callbacks) => client.runs.onEvents.subscribe(input, callbacks)),
    onTestStatus: (input: { testId: string; runId?: string; lastEventId?: string }) =>
      stream<TestStatusEvent>((callbacks) => client.tests.onStatus.subscribe(input, callbacks)),
    onQueueStats: () => stream<QueueStats>((callbacks) => client.queue.onStats.subscribe({}, callbacks)),
    onWorkers: (input: { lastEventId?: string } = {}) =>
      stream<WorkerPresence>((callbacks) => client.workers.onPresence.subscribe(input, callbacks)),
    onActivity: (input: { lastEventId?: string } = {}) =>
      stream<RunSummary>((callbacks) => client.activity.onEvents.subscribe(input, callbacks)),
    /** Requests for streams so far, and whether every one of them is over for good. */
    streamRequests: () => ({ count: streamRequests, allClosed: sources.every((it) => it.readyState === it.CLOSED) }),
    closeStreams() {
      for (const close of open) close();
    },
  };
}
