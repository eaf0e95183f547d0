import { skipToken, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useMemo, useRef } from 'react';
import { createBatch } from '#client/live/batch.ts';
import { api } from '#client/query/trpc.ts';
import type { RunEvent } from '#shared/events.ts';
import type { OpenScreen } from './screen.ts';
import { loadScreens } from './load-screens.ts';
import { appendEvents, emptyLog, type RunLog } from './run-log.ts';

const logKey = (runId: string) => ['run-log', runId];

/** A run's log in the cache; it grows while a component on the page follows the run. */
export function useRunLog(runId: string): RunLog | undefined {
  return useQuery<RunLog>({
    queryKey: logKey(runId),
    queryFn: skipToken,
    staleTime: Infinity,
    // Structural sharing would compare tens of thousands of lines at each change.
    structuralSharing: false,
  }).data;
}

/**
 * Follows the log of the open run into the cache, from the last event there. `lost`: the server refused the stream;
 * `reconnect` tries again.
 */
export function useLiveRun(runId: string): { log: RunLog; lost: boolean; reconnect: () => void } {
  const queryClient = useQueryClient();
  const utils = api.useUtils();

  const log = useRunLog(runId);

  const append = useEffectEvent((runId: string, events: readonly RunEvent[], openScreen: OpenScreen | undefined) => {
    queryClient.setQueryDefaults(logKey(runId), { structuralSharing: false });
    queryClient.setQueryData<RunLog>(logKey(runId), (known) => appendEvents(known ?? emptyLog, events, openScreen));
    const status = events.findLast((event) => event.type === 'status')?.status;
    const known = utils.runs.byId.getData({ runId });
    if (status && known && known.status !== status) void utils.runs.byId.invalidate({ runId });
  });

  const push = useRef<(event: RunEvent) => void>(null);
  useEffect(() => {
    const batch = createBatch(
      50,
      loadScreens((events, openScreen) => append(runId, events, openScreen)),
    );
    push.current = batch.push;
    return () => {
      push.current = null;
      batch.close();
    };
  }, [runId]);

  const input = useMemo(() => {
    const known = queryClient.getQueryData<RunLog>(logKey(runId));
    return { runId, lastEventId: known ? String(known.lastSeq) : null };
  }, [queryClient, runId]);

  const stream = api.runs.onEvents.useSubscription(input, { onData: (event) => push.current?.(event.data) });

  return { log: log ?? emptyLog, lost: stream.status === 'error', reconnect: stream.reset };
}
