import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef } from 'react';
import { createBatch } from '#client/live/batch.ts';
import type { ConnectionState } from '#sdk/live/composed-event-source.ts';
import { api } from '#client/query/trpc.ts';
import { useConnection, usePollingInterval } from '#client/live/use-connection.ts';
import type { RunSummary } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';
import { applyActivity } from './activity.ts';
import { useAnnounceRuns } from './use-announce-runs.ts';
import { updateActivity } from './use-activity.ts';

/**
 * Follows the app's feed of run changes: keeps the activity in the cache, refreshes queries that depend on it (queue,
 * schedules) and announces ends of runs. Call it once, in the shell. It polls the newest runs while no stream gets
 * through. `lost`: the server refused the feed; `reconnect` makes the next attempt now.
 */
export function useLiveActivity(): { connection: ConnectionState | 'lost'; reconnect: () => void } {
  const queryClient = useQueryClient();
  const utils = api.useUtils();
  const announce = useAnnounceRuns();
  const { state, retryNow } = useConnection();
  const wasLive = useRef(false);

  const takeIn = useEffectEvent((summaries: RunSummary[]) => {
    announce(updateActivity(queryClient, (activity) => applyActivity(activity, summaries)));
  });
  const refresh = useEffectEvent((summaries: RunSummary[]) => {
    // A pending request continues: cancelled by each event of a busy feed, it would never finish.
    const keep = { cancelRefetch: false };
    void utils.queue.invalidate(undefined, undefined, keep);
    if (summaries.some((run) => run.jobId !== null && isTerminal(run.status))) {
      void utils.jobs.list.invalidate(undefined, undefined, keep);
    }
  });

  const push = useRef<(summary: RunSummary) => void>(null);
  useEffect(() => {
    const changes = createBatch<RunSummary>(50, takeIn);
    const consequences = createBatch<RunSummary>(500, refresh);
    push.current = (summary) => {
      changes.push(summary);
      consequences.push(summary);
    };
    return () => {
      push.current = null;
      changes.close();
      consequences.close();
    };
  }, []);

  const stream = api.activity.onEvents.useSubscription(
    {},
    {
      onStarted: () => {
        // The feed resumes without gaps, but tests, jobs and the queue may have changed.
        if (wasLive.current) void utils.invalidate();
        wasLive.current = true;
      },
      onData: (event) => push.current?.(event.data),
    },
  );

  const pollingInterval = usePollingInterval();
  const poll = api.runs.list.useQuery(
    { limit: 50 },
    { enabled: pollingInterval !== false, refetchInterval: pollingInterval },
  );
  useEffect(() => {
    for (const run of poll.data?.items.toReversed() ?? []) push.current?.(run);
  }, [poll.data]);

  if (stream.status === 'error') return { connection: 'lost', reconnect: stream.reset };
  const pollFails = poll.isError || poll.failureCount > 0;
  return { connection: state === 'polling' && pollFails ? 'reconnecting' : state, reconnect: retryNow };
}
