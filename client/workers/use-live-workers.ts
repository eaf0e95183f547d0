import { api } from '#client/query/trpc.ts';
import { useLiveQuery } from '#client/query/use-live-query.ts';

/** The workers and their runs, as they change. */
export function useLiveWorkers() {
  return useLiveQuery(api.workers.list, api.workers.onPresence, { isNewer: (data, known) => data.seq > known.seq });
}
