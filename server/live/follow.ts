import type { Channel } from '#shared/channels.ts';
import { createFollower, type FollowContext, type Follower } from './follower.ts';

/** What a procedure has, as far as following needs it: thousands of streams hold on to it. */
export function followContext(
  { hub, logger }: Omit<FollowContext, 'signal'>,
  signal: AbortSignal | undefined,
): FollowContext {
  if (!signal) throw new Error('A stream needs a signal that tells when its client has gone.');
  return { hub, logger, signal };
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
  /** True when nothing follows: the stream delivers it and ends. */
  isFinal(event: T): boolean;
  lastEventId?: string | null | undefined;
}

/**
 * The current state, then every newer one, until a final one. A client that comes back with its `lastEventId` gets only
 * what is newer; one that is slow gets the newest.
 */
export function followState<T>(context: FollowContext, options: FollowStateOptions<T>): Follower<T> {
  const { channels, position, isFinal, accepts = () => true, lastEventId } = options;
  let last: StatePosition | undefined;
  const isOld = (at: StatePosition) => last !== undefined && (at.order <= last.order || at.id === last.id);

  return createFollower(context, {
    channels,
    async read() {
      const state = await options.read();
      if (state === undefined) return { items: [], more: false, ended: false };
      const at = position(state);
      const ended = isFinal(state);
      // Of a state that the client already has, only the end is news. A read is the truth whatever the bus said.
      const isKnown = at !== undefined && at.id === (last?.id ?? lastEventId);
      const isNewer = at === undefined || !isOld(at);
      if (isKnown) last ??= at;
      return { items: !isKnown && (isNewer || ended) ? [state] : [], more: false, ended };
    },
    judge(event) {
      if (!accepts(event)) return 'skip';
      const at = position(event);
      return at !== undefined && isOld(at) ? 'skip' : 'deliver';
    },
    advance(item) {
      last = position(item) ?? last;
      return last?.id ?? '0';
    },
    isFinal,
    mustKeep: isFinal,
    thin: (events) =>
      events.filter((event, index) => {
        const at = position(event);
        return at === undefined || !events.slice(index + 1).some((later) => (position(later)?.order ?? '') > at.order);
      }),
  });
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

/** Every item of a log in order, those before the call first, until a final one. What the bus drops is read. */
export function followLog<T>(context: FollowContext, options: FollowLogOptions<T>): Follower<T> {
  const { channels, place, isFinal = () => false, lastEventId } = options;
  let last = parsePlace(lastEventId);

  return createFollower(context, {
    channels,
    async read() {
      let page = await options.read(last);
      if (last !== undefined && last > page.head) {
        last = undefined;
        page = await options.read(last);
      }
      const { items, head, more, ended } = page;
      if (items.length === 0) last ??= head;
      return { items, more, ended };
    },
    judge(item) {
      const at = place(item);
      if (last !== undefined && at <= last) return 'skip';
      return last === undefined || at > last + 1 ? 'read' : 'deliver';
    },
    advance(item) {
      last = place(item);
      return String(last);
    },
    isFinal,
    mustKeep: () => false,
    thin: (events) => events,
  });
}

function parsePlace(lastEventId: string | null | undefined): number | undefined {
  if (!lastEventId || !/^\d{1,15}$/.test(lastEventId)) return undefined;
  return Number(lastEventId);
}
