import { tracked, type TrackedEnvelope } from '@trpc/server';
import type { Channel } from '#shared/channels.ts';
import type { Hub } from './hub.ts';

interface Logger {
  warn(fields: object, message: string): void;
}

export interface FollowContext {
  hub: Hub;
  logger: Logger;
  /** Aborts when the client has gone. */
  signal: AbortSignal;
}

/** Where a state stands among the states of the same thing. */
export interface StatePosition {
  /** What the client sends back as `lastEventId`. */
  id: string;
  /** Greater is newer; compared only with positions of the same stream. */
  order: string | number;
}

export interface FollowStateOptions<T> {
  channels: readonly Channel<T>[];
  /** The current state; undefined when there is none yet. Reads of many watchers should share a query. */
  read(): Promise<T | undefined>;
  /** Undefined for messages of outside publishers, which have no place: they are passed on as they are. */
  position(event: T): StatePosition | undefined;
  /** What comes on the channels and is not accepted is none of this stream's business. Default: all. */
  accepts?(event: T): boolean;
  /** True when nothing follows: the stream yields it and ends. */
  isFinal(event: T): boolean;
  lastEventId?: string | null | undefined;
}

/**
 * Yields the current state, then every newer one, and returns after a final one. A client that comes back with its
 * `lastEventId` gets only what is newer. Throws when the first read fails; later failures are logged, since the next
 * read repairs them.
 */
export async function* followState<T>(
  { hub, logger, signal }: FollowContext,
  { channels, read, position, isFinal, accepts = () => true, lastEventId }: FollowStateOptions<T>,
): AsyncGenerator<TrackedEnvelope<T>, void> {
  using watch = await hub.watch(channels, { signal, keep: isFinal });
  let last: StatePosition | undefined;
  let mustRead = true;
  let first = true;

  while (true) {
    if (mustRead) {
      const state = await read().catch((error: unknown) => {
        if (first) throw error;
        logger.warn({ err: error, channel: channels[0]?.name }, 'a read for a stream failed; it is tried again');
        return undefined;
      });
      if (state !== undefined) {
        const at = position(state);
        // Of a state that the client already has, only the end is news. A read is the truth whatever the bus said.
        const known = at !== undefined && at.id === (last?.id ?? lastEventId);
        const isNewer = last === undefined || at === undefined || at.order > last.order;
        if (!known && (isNewer || isFinal(state))) yield tracked(at?.id ?? last?.id ?? '0', state);
        if (at && isNewer) last = at;
        if (isFinal(state)) return;
      }
      first = false;
    }

    const taken = watch.take();
    mustRead = taken.mustRead;
    const events = taken.events.filter(accepts);
    for (const [index, event] of events.entries()) {
      const at = position(event);
      if (at === undefined) {
        yield tracked(last?.id ?? '0', event);
      } else {
        if (last !== undefined && (at.order <= last.order || at.id === last.id)) continue;
        const superseded = events.slice(index + 1).some((later) => {
          const next = position(later);
          return next !== undefined && next.order > at.order;
        });
        if (superseded) continue;
        last = at;
        yield tracked(at.id, event);
      }
      if (isFinal(event)) return;
    }
    if (!mustRead) await watch.wait();
  }
}

export interface LogPage<T> {
  /** In order, without gaps of its own. */
  items: T[];
  /** The log's newest place; what a client claims to have beyond it is not believed. */
  head: number;
  /** More items follow the last one of this page. */
  more: boolean;
  /** Nothing follows `head`. */
  ended: boolean;
}

export interface FollowLogOptions<T> {
  channels: readonly Channel<T>[];
  /** The items after a place (undefined: from the start of what this stream shows). */
  read(after: number | undefined): Promise<LogPage<T>>;
  place(item: T): number;
  /** True for the last item of a log. */
  isFinal?(item: T): boolean;
  lastEventId?: string | null | undefined;
}

/**
 * Yields every item of a log in order, those before the call first, and returns after a final one. What the bus drops
 * is read. Throws when the first read fails; later failures are logged and tried again.
 */
export async function* followLog<T>(
  { hub, logger, signal }: FollowContext,
  { channels, read, place, isFinal = () => false, lastEventId }: FollowLogOptions<T>,
): AsyncGenerator<TrackedEnvelope<T>, void> {
  using watch = await hub.watch(channels, { signal });
  let last = parsePlace(lastEventId);
  let mustRead = true;
  let first = true;

  while (true) {
    while (mustRead) {
      let page: LogPage<T>;
      try {
        page = await read(last);
      } catch (error) {
        if (first) throw error;
        logger.warn({ err: error, channel: channels[0]?.name }, 'a read for a stream failed; it is tried again');
        break;
      }
      if (last !== undefined && last > page.head) {
        last = undefined;
        continue;
      }
      first = false;
      for (const item of page.items) {
        last = place(item);
        yield tracked(String(last), item);
        if (isFinal(item)) return;
      }
      last ??= page.head;
      if (page.ended && !page.more) return;
      mustRead = page.more;
      signal.throwIfAborted();
    }

    const taken = watch.take();
    mustRead = taken.mustRead;
    for (const item of taken.events) {
      const at = place(item);
      if (last !== undefined && at <= last) continue;
      if (last === undefined || at > last + 1) {
        mustRead = true;
        break;
      }
      last = at;
      yield tracked(String(at), item);
      if (isFinal(item)) return;
    }
    if (!mustRead) await watch.wait();
  }
}

function parsePlace(lastEventId: string | null | undefined): number | undefined {
  if (!lastEventId || !/^\d{1,15}$/.test(lastEventId)) return undefined;
  return Number(lastEventId);
}
