import { api } from '#client/query/trpc.ts';
import { usePollingInterval } from '#client/live/use-connection.ts';

/**
 * Follows the list of workers into the cache. It is the second of the two streams that a page may hold. `lost`: the server
 * refused the stream; `reconnect` tries again.
 */
export function useLiveWorkers() {
  const utils = api.useUtils();
  const stream = api.workers.onPresence.useSubscription(
    {},
    {
      onData: ({ data: presence }) =>
        utils.workers.list.setData(undefined, (known) => (known && known.seq > presence.seq ? known : presence)),
    },
  );
  // The stream keeps it fresh, or polling while no stream gets through.
  const query = api.workers.list.useQuery(undefined, { staleTime: Infinity, refetchInterval: usePollingInterval() });
  return { query, lost: stream.status === 'error', reconnect: stream.reset };
}
