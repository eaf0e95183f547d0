import { httpBatchLink, httpSubscriptionLink, splitLink, type TRPCLink } from '@trpc/client';
import type { AppRouter } from '#server/http/router.ts';
import type { ComposedEventSource } from '#sdk/live/composed-event-source.ts';

export interface LinkOptions<Init> {
  /** Of `/api/trpc`. */
  url: string;
  /** Holds a subscription through all outages, such as a class of `createSurvivingEventSource`. */
  EventSource: new (url: string, init?: Init) => ComposedEventSource;
  /** For each `EventSource`. */
  eventSourceInit?: Init;
  /** Sent with queries and mutations. */
  headers?: Record<string, string>;
  /** Sent with subscriptions, for an EventSource without headers. */
  connectionParams?: Record<string, string> | undefined;
  fetch?: typeof globalThis.fetch | undefined;
}

/** How every client of Runlight talks to it: subscriptions as server-sent events, everything else in batches. */
export function createLinks<Init>(options: LinkOptions<Init>): TRPCLink<AppRouter>[] {
  const { url, EventSource, eventSourceInit, headers = {}, connectionParams, fetch } = options;
  return [
    splitLink({
      condition: (operation) => operation.type === 'subscription',
      true: httpSubscriptionLink({
        url,
        // The link uses no more of it than these classes have.
        EventSource: EventSource as unknown as typeof globalThis.EventSource,
        ...(eventSourceInit && { eventSourceOptions: eventSourceInit as EventSourceInit }),
        ...(connectionParams && { connectionParams }),
      }),
      // Common proxies refuse longer GETs. The link splits a batch instead.
      false: httpBatchLink({ url, maxURLLength: 4000, headers, ...(fetch && { fetch }) }),
    }),
  ];
}
