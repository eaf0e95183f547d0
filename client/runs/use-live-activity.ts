import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { createBatch } from '#client/batch.ts';
import { api } from '#client/trpc.ts';
import type { RunSummary } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';
import { applyActivity } from './activity.ts';
import { useAnnounceRuns } from './use-announce-runs.ts';
import { updateActivity } from './use-activity.ts';

export type Connection = 'connecting' | 'live' | 'reconnecting' | 'lost';

/**
 * The app's one feed of run changes: keeps the activity in the cache, refreshes what follows from it (queue, schedules)
 * and announces ends of runs. Call it once, in the app's frame. `reconnect` starts a feed that was lost again.
 */
export function useLiveActivity(): { connection: Connection; reconnect: () => void } {
  const queryClient = useQueryClient();
  const utils = api.useUtils();
  const announce = useAnnounceRuns();
  const [wasLive, setWasLive] = useState(false);

  const takeIn = useEffectEvent((summaries: RunSummary[]) => {
    announce(updateActivity(queryClient, (activity) => applyActivity(activity, summaries)));
  });
  const refresh = useEffectEvent((summaries: RunSummary[]) => {
    // A request under way is left alone: under a steady stream of events it would otherwise never finish.
    const keep = { cancelRefetch: false };
    void utils.queue.stats.invalidate(undefined, undefined, keep);
    if (summaries.some((run) => run.kind === 'job' && isTerminal(run.status))) {
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
        // The feed repairs runs by itself; tests, jobs and the queue may have changed unheard.
        if (wasLive) void utils.invalidate();
        setWasLive(true);
      },
      onData: (event) => push.current?.(event.data),
    },
  );

  return { connection: connectionOf(stream.status, wasLive), reconnect: stream.reset };
}

function connectionOf(status: 'idle' | 'connecting' | 'pending' | 'error', wasLive: boolean): Connection {
  switch (status) {
    case 'pending':
      return 'live';
    case 'connecting':
      return wasLive ? 'reconnecting' : 'connecting';
    // The feed never ends by itself.
    case 'idle':
    case 'error':
      return 'lost';
  }
}
