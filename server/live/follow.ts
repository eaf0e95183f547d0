import type { Channel } from '#shared/channels.ts';
import { BaseFollower, type FollowContext, type Follower, type FollowServices, type Page } from './follower.ts';

/** What a procedure has, as far as following needs it: thousands of streams hold on to it. */
export function followContext({ hub, logger }: FollowServices, signal: AbortSignal | undefined): FollowContext {
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
  /** What this reader may see of it; readers who may see the same should get the same object. Default: all. */
  view?(event: T): T;
  lastEventId?: string | null | undefined;
}

/**
 * The current state, then every newer one, until a final one. A client that comes back with its `lastEventId` gets only
 * what is newer; one that is slow gets the newest.
 */
export function followState<T>(context: FollowContext, options: FollowStateOptions<T>): Follower<T> {
  return new StateFollower(context, options);
}

class StateFollower<T> extends BaseFollower<T> {
  readonly #options: FollowStateOptions<T>;
  #last: StatePosition | undefined;

  constructor(context: FollowContext, options: FollowStateOptions<T>) {
    super(context, options.channels);
    this.#options = options;
  }

  #isOld(at: StatePosition): boolean {
    return this.#last !== undefined && (at.order <= this.#last.order || at.id === this.#last.id);
  }

  protected async read(): Promise<Page<T>> {
    const { position, isFinal, lastEventId } = this.#options;
    const state = await this.#options.read();
    if (state === undefined) return { items: [], more: false, ended: false };
    const at = position(state);
    const ended = isFinal(state);
    // Of a state that the client already has, only the end is news. A read is the truth whatever the bus said.
    const isKnown = at !== undefined && at.id === (this.#last?.id ?? lastEventId);
    const isNewer = at === undefined || !this.#isOld(at);
    if (isKnown) this.#last ??= at;
    return { items: !isKnown && (isNewer || ended) ? [state] : [], more: false, ended };
  }

  protected judge(event: T) {
    const { accepts, position } = this.#options;
    if (accepts && !accepts(event)) return 'skip';
    const at = position(event);
    return at !== undefined && this.#isOld(at) ? 'skip' : 'deliver';
  }

  protected override view(item: T): T {
    return this.#options.view?.(item) ?? item;
  }

  protected advance(item: T): string {
    this.#last = this.#options.position(item) ?? this.#last;
    return this.#last?.id ?? '0';
  }

  protected isFinal(item: T): boolean {
    return this.#options.isFinal(item);
  }

  protected mustKeep(event: T): boolean {
    return this.#options.isFinal(event);
  }

  protected thin(events: T[]): T[] {
    const { position } = this.#options;
    return events.filter((event, index) => {
      const at = position(event);
      return at === undefined || !events.slice(index + 1).some((later) => (position(later)?.order ?? '') > at.order);
    });
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

/** Every item of a log in order, those before the call first, until a final one. What the bus drops is read. */
export function followLog<T>(context: FollowContext, options: FollowLogOptions<T>): Follower<T> {
  return new LogFollower(context, options);
}

class LogFollower<T> extends BaseFollower<T> {
  readonly #options: FollowLogOptions<T>;
  #last: number | undefined;

  constructor(context: FollowContext, options: FollowLogOptions<T>) {
    super(context, options.channels);
    this.#options = options;
    this.#last = parsePlace(options.lastEventId);
  }

  protected async read(): Promise<Page<T>> {
    let page = await this.#options.read(this.#last);
    if (this.#last !== undefined && this.#last > page.head) {
      this.#last = undefined;
      page = await this.#options.read(this.#last);
    }
    const { items, head, more, ended } = page;
    if (items.length === 0) this.#last ??= head;
    return { items, more, ended };
  }

  protected judge(item: T) {
    const at = this.#options.place(item);
    if (this.#last !== undefined && at <= this.#last) return 'skip';
    return this.#last === undefined || at > this.#last + 1 ? 'read' : 'deliver';
  }

  protected advance(item: T): string {
    this.#last = this.#options.place(item);
    return String(this.#last);
  }

  protected isFinal(item: T): boolean {
    return this.#options.isFinal?.(item) ?? false;
  }

  protected mustKeep(): boolean {
    return false;
  }

  protected thin(events: T[]): T[] {
    return events;
  }
}

function parsePlace(lastEventId: string | null | undefined): number | undefined {
  if (!lastEventId || !/^\d{1,15}$/.test(lastEventId)) return undefined;
  return Number(lastEventId);
}
