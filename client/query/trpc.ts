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
 * Subscriptions travel as server-sent events, everything else in batches. `connection` hears how the streams do; `onLocked`
 * is called when the server does not know who asks, or not any more.
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
        // A GET longer than this would be refused by common proxies; the link then sends several.
        false: httpBatchLink({ url, maxURLLength: 4000, headers: project ? { 'x-runlight-project': project } : {} }),
      }),
    ],
  });
}

/** The only store of server data. Retries what may pass by itself, never what the caller must change. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // A browser that believes to be offline may well reach a server on its own machine or network; and what was
      // clicked then must fail visibly instead of happening whenever the network is back.
      mutations: { networkMode: 'always' },
      queries: {
        networkMode: 'always',
        staleTime: 2_000,
        retry: (failures, error) => failures < 2 && !isRefusal(error),
      },
    },
  });
}

/** True if the server understood the request and refused it (4xx): trying again gives the same answer. */
function isRefusal(error: unknown): boolean {
  const status = (error as Partial<ApiError>).data?.httpStatus;
  return status !== undefined && status >= 400 && status < 500 && status !== 429;
}

/** What an error says to a person: the server's own words, or that there was no answer. */
export function errorText(error: ApiError | null): string {
  if (error?.data) return error.message;
  return `Runlight's server gave no answer. Is it running, and are you online? (${error?.message ?? 'no cause known'})`;
}

/** True for a change that was refused because somebody else had made another one since. */
export function isConcurrentChange(error: ApiError | null): boolean {
  return error?.data?.code === 'CONFLICT' && fieldErrors(error)['expectedUpdatedAt'] !== undefined;
}

/** The first complaint about each field of a refused form; empty when the refusal is not about a field. */
export function fieldErrors(error: ApiError | null): Record<string, string> {
  const complaints = error?.data?.fieldErrors ?? {};
  return Object.fromEntries(Object.entries(complaints).flatMap(([field, [first]]) => (first ? [[field, first]] : [])));
}
