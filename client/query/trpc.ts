import { QueryClient } from '@tanstack/react-query';
import {
  createTRPCReact,
  httpBatchLink,
  httpSubscriptionLink,
  splitLink,
  type TRPCClientErrorLike,
} from '@trpc/react-query';
import { observable } from '@trpc/server/observable';
import type { inferRouterOutputs } from '@trpc/server';
import type { AppRouter } from '#server/http/router.ts';
import { chosenProject } from './chosen-project.ts';
import type { Connection } from '#client/live/connection.ts';
import { createSharedEventSource } from '#client/live/shared-event-source.ts';
import { createSurvivingEventSource } from '#client/live/surviving-event-source.ts';
import { browserTabs } from '#client/live/tabs.ts';

export const api = createTRPCReact<AppRouter>();
export type Outputs = inferRouterOutputs<AppRouter>;
export type ApiError = TRPCClientErrorLike<AppRouter>;

const url = '/api/trpc';

/**
 * Sends subscriptions as server-sent events and everything else in batches. `connection` gets the state of the streams;
 * `onLocked` is called when the server does not accept the session (any more).
 */
export function createApiClient({ connection, onLocked }: { connection: Connection; onLocked: () => void }) {
  const project = chosenProject();
  const tabs = browserTabs();
  const onStateChange = connection.report;
  const EventSource = tabs
    ? createSharedEventSource({ tabs, onStateChange, isFeed: (url) => url.includes('/activity.onEvents') })
    : createSurvivingEventSource({ onStateChange });
  return api.createClient({
    links: [
      () =>
        ({ op, next }) =>
          observable((observer) =>
            next(op).subscribe({
              next: (value) => observer.next(value),
              complete: () => observer.complete(),
              error(error) {
                if (error.data?.code === 'UNAUTHORIZED') onLocked();
                observer.error(error);
              },
            }),
          ),
      splitLink({
        condition: (op) => op.type === 'subscription',
        true: httpSubscriptionLink({ url, EventSource, ...(project && { connectionParams: { project } }) }),
        // Common proxies refuse longer GETs. The link splits a batch instead.
        false: httpBatchLink({ url, maxURLLength: 4000, headers: project ? { 'x-runlight-project': project } : {} }),
      }),
    ],
  });
}

/** The only store of server data. Retries queries that may succeed the next time, not ones that the server refused. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // A browser that believes it is offline may still reach a server on its own machine or network. And a click must
      // fail visibly instead of taking effect whenever the network is back.
      mutations: { networkMode: 'always' },
      queries: {
        networkMode: 'always',
        staleTime: 2_000,
        retry: (failures, error) => failures < 2 && !isRefusal(error),
      },
    },
  });
}

/** True if the server refused the request (4xx): a retry would get the same answer. */
function isRefusal(error: unknown): boolean {
  const status = (error as Partial<ApiError>).data?.httpStatus;
  return status !== undefined && status >= 400 && status < 500 && status !== 429;
}

/** The text of an error for the user: the server's message, or that there was no answer. */
export function errorText(error: ApiError | null): string {
  if (error?.data) return error.message;
  return `Runlight's server did not answer. Is it running, and are you online? (${error?.message ?? 'unknown cause'})`;
}

/** True if a change was refused because another user had changed the same thing since. */
export function isConcurrentChange(error: ApiError | null): boolean {
  return error?.data?.code === 'CONFLICT' && fieldErrors(error)['expectedUpdatedAt'] !== undefined;
}

/** The first complaint about each field of a refused form; empty if the refusal is not about fields. */
export function fieldErrors(error: ApiError | null): Record<string, string> {
  const complaints = error?.data?.fieldErrors ?? {};
  return Object.fromEntries(Object.entries(complaints).flatMap(([field, [first]]) => (first ? [[field, first]] : [])));
}
