import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import { createBatch } from '#client/live/batch.ts';
import { api } from '#client/query/trpc.ts';
import type { ApiError } from '#client/query/api-error.ts';
import { entryOfAddress } from '#client/ui/log/log-entry.ts';
import type { MoreLines } from '#client/ui/log/use-edges.ts';
import type { RunEvent } from '#shared/events.ts';
import { addEarlier, addLater, type LogAnswer, type LogWindow, openWindow } from './log-window.ts';
import { loadScreens, screensFor } from './load-screens.ts';
import type { OpenScreen } from './screen.ts';

/** Entries read at once. */
const limit = 500;
/** What a log shows before the entry that the address names. */
const before = 100;

export interface LogScope {
  runId: string;
  /** Undefined: of the whole run. */
  caseIndex?: number | undefined;
  /** From 0. */
  attempt?: number | undefined;
}

const keyOf = ({ runId, caseIndex, attempt }: LogScope) => ['run-log', runId, caseIndex ?? null, attempt ?? null];
type EntryType = 'log' | 'case' | 'status' | 'step';
/** Of a whole run without its steps, which are most of a log and no lines. */
const types: Record<'run' | 'attempt', EntryType[]> = {
  run: ['log', 'case', 'status'],
  attempt: ['log', 'case', 'step'],
};

interface LogOptions {
  /** At first: entries may still be added. */
  live: boolean;
  /** The address of a line (`addressOfLine`). */
  line: string | undefined;
  /** What else the stream is for: gets its entries, which begin after `head` (undefined: not known yet). */
  also?: { head: number | undefined; append: (events: readonly RunEvent[]) => void };
}

/**
 * The end of a log in the cache, or the part around the entry `line`, and more of it as it is asked for. While `live`, entries that
 * are added come by a stream.
 */
export function useLogWindow(scope: LogScope, { live, line, also }: LogOptions) {
  const queryClient = useQueryClient();
  const { client } = api.useUtils();
  const { runId, caseIndex, attempt } = scope;
  // oxlint-disable-next-line react/exhaustive-deps
  const queryKey = useMemo(() => keyOf(scope), [runId, caseIndex, attempt]);
  const [isLoading, setLoading] = useState<'earlier' | 'later' | null>(null);
  const [opened] = useState(line);

  const read = (place: { before?: number; after?: number; limit?: number }) =>
    client.runs.log.query({ ...scope, limit, ...place });
  /** The entries from `entry` on, and some before it: a window is short where its entries are long, and must have that one. */
  const readAround = async (entry: number): Promise<LogAnswer> => {
    const [earlier, later] = await Promise.all([
      read({ before: entry, limit: before }),
      read({ after: Math.max(0, entry - 1) }),
    ]);
    return { ...later, items: [...earlier.items, ...later.items], hasEarlier: earlier.hasEarlier };
  };
  const query = useQuery<LogWindow, ApiError>({
    queryKey,
    queryFn: async () => {
      const answer = await (opened === undefined ? read({}) : readAround(entryOfAddress(opened)));
      const openScreen = await screensFor(answer.items);
      return openWindow(answer, openScreen, queryClient.getQueryData<LogWindow>(queryKey));
    },
    staleTime: Infinity,
    // It would compare tens of thousands of lines at each change.
    structuralSharing: false,
  });
  const window = query.data;

  const change = (to: (known: LogWindow) => LogWindow) =>
    queryClient.setQueryData<LogWindow>(queryKey, (known) => known && to(known));
  /** Reads one more part. False if there is none. */
  const loadMore = async (side: 'earlier' | 'later'): Promise<boolean> => {
    const known = queryClient.getQueryData<LogWindow>(queryKey);
    if (!known || !(side === 'earlier' ? known.hasEarlier : known.hasLater)) return false;
    const answer = await read(
      side === 'earlier' ? { before: known.entries[0]?.seq ?? 0 } : { after: known.entries.at(-1)?.seq ?? 0 },
    );
    const openScreen = await screensFor([...known.entries, ...answer.items]);
    // Entries that the stream brought meanwhile were left out.
    const hasLater = answer.hasLater || answer.head < newest.current;
    change((now) =>
      side === 'earlier' ? addEarlier(now, answer, openScreen) : addLater(now, { ...answer, hasLater }, openScreen),
    );
    return true;
  };
  const load = async (side: 'earlier' | 'later', all = false) => {
    if (isLoading) return;
    setLoading(side);
    try {
      while ((await loadMore(side)) && all);
    } finally {
      setLoading(null);
    }
  };
  const more = (side: 'earlier' | 'later', has: boolean | undefined): MoreLines | undefined =>
    has
      ? { isLoading: isLoading === side, load: () => void load(side), loadAll: () => void load(side, true) }
      : undefined;

  /** Of what the stream has brought. */
  const newest = useRef(0);
  const append = useEffectEvent((events: readonly RunEvent[], openScreen: OpenScreen | undefined) => {
    also?.append(events);
    newest.current = Math.max(newest.current, events.at(-1)?.seq ?? 0);
    // Where the end of the log is not loaded, it grows unseen.
    change((known) => (known.hasLater ? known : addLater(known, { items: events.filter(isOfLog) }, openScreen)));
  });
  const push = useRef<(event: RunEvent) => void>(null);
  useEffect(() => {
    const batch = createBatch(
      50,
      loadScreens((events, openScreen) => append(events, openScreen)),
    );
    push.current = batch.push;
    return () => {
      push.current = null;
      batch.close();
    };
  }, [queryKey]);

  // The server ends the stream with the run. To end it here sooner would lose the last entries.
  const [follows] = useState(live);
  const isReady = follows && window !== undefined && (also === undefined || also.head !== undefined);
  // The stream goes on after what was there when it began.
  const from = useMemo(() => {
    const head = queryClient.getQueryData<LogWindow>(queryKey)?.head ?? 0;
    return isReady ? String(Math.min(head, also?.head ?? head)) : null;
    // oxlint-disable-next-line react/exhaustive-deps
  }, [isReady, queryKey]);
  const stream = api.runs.onEvents.useSubscription(
    { runId, caseIndex, attempt, types: types[caseIndex === undefined ? 'run' : 'attempt'], lastEventId: from },
    { enabled: isReady, onData: (event) => push.current?.(event.data) },
  );

  return {
    query,
    window,
    earlier: more('earlier', window?.hasEarlier),
    later: more('later', window?.hasLater),
    /** Reads the end of the log in place of a part in the middle. */
    toLatest: async () => {
      const answer = await read({});
      const openScreen = await screensFor(answer.items);
      // Entries that the stream brought meanwhile were left out.
      const hasLater = answer.hasLater || answer.head < newest.current;
      queryClient.setQueryData(queryKey, openWindow({ ...answer, hasLater }, openScreen));
    },
    lost: stream.status === 'error',
    reconnect: stream.reset,
  };
}

const isOfLog = ({ type }: RunEvent) => type !== 'step';
