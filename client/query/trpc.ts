import { createTRPCReact } from '@trpc/react-query';
import { observable } from '@trpc/server/observable';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { AppRouter } from '#server/http/router.ts';
import { chosenProject } from './chosen-project.ts';
import type { Connection } from '#client/live/connection.ts';
import { shareHeader } from '#shared/share-links.ts';
import { createLinks } from '#sdk/client/links.ts';
import { createPageSlots } from '#sdk/live/connection-slots.ts';
import { createSharedEventSource } from '#client/live/shared-event-source.ts';
import { createSurvivingEventSource } from '#sdk/live/surviving-event-source.ts';
import { browserTabs } from '#client/live/tabs.ts';

export const api = createTRPCReact<AppRouter>();
export type { AppRouter };
export type Outputs = inferRouterOutputs<AppRouter>;
export type Inputs = inferRouterInputs<AppRouter>;

/**
 * Connections of a page's streams where tabs cannot coordinate. A browser opens six to an HTTP/1.1 server, for all tabs.
 */
const pageConnections = 2;

/**
 * Sends subscriptions as server-sent events and everything else in batches. `connection` gets the state of the streams;
 * `onSignedOut` is called when the server does not accept the session (any more).
 * `sharedRunId`: a share link has opened this run, and nothing else is asked for.
 */
export function createApiClient({
  connection,
  sharedRunId,
  onSignedOut,
}: {
  connection: Connection;
  sharedRunId?: string;
  onSignedOut: () => void;
}) {
  const project = sharedRunId === undefined ? chosenProject() : undefined;
  const tabs = browserTabs();
  const onStateChange = connection.report;
  const EventSource = tabs
    ? createSharedEventSource({ tabs, onStateChange, isFeed: (url) => url.includes('/activity.onEvents') })
    : createSurvivingEventSource({ onStateChange, slots: createPageSlots({ count: pageConnections }) });
  return api.createClient({
    links: [
      () =>
        ({ op, next }) =>
          observable((observer) =>
            next(op).subscribe({
              next: (value) => observer.next(value),
              complete: () => observer.complete(),
              error(error) {
                if (error.data?.code === 'UNAUTHORIZED') onSignedOut();
                observer.error(error);
              },
            }),
          ),
      ...createLinks({
        url: '/api/trpc',
        EventSource,
        ...(sharedRunId && { headers: { [shareHeader]: sharedRunId }, connectionParams: { share: sharedRunId } }),
        ...(project && { headers: { 'x-runlight-project': project }, connectionParams: { project } }),
      }),
    ],
  });
}
