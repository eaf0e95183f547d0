import { BaseFollower, type FollowContext, type Follower, type Page, type Sources } from './follower.ts';
import { parseSequence } from './parse-sequence.ts';

export interface LogPage<T> {
  /** In order. */
  items: T[];
  /** The highest sequence number of the log. A client that claims to have a higher one gets the log from its start. */
  head: number;
  /** More items follow the last one of this page. */
  more: boolean;
  /** The log is complete: nothing will follow `head`. Default: false. */
  ended?: boolean;
}

export type FollowLogOptions<T, V = T> = Sources<T> & {
  /** The items after this sequence number; undefined stands for the first page of a client that has nothing yet. */
  read(after: number | undefined): Promise<LogPage<T>>;
  /**
   * The item's sequence number, which rises from item to item; the client sends it back as `lastEventId`. Items that
   * come on `channels` must be numbered without gaps, since a gap there means that some were lost.
   */
  sequence(item: T): number;
  /** True for the last item of a log. Default: a log has none. */
  isFinal?(item: T): boolean;
  /** False for items that this client does not get; `read` leaves them out, too. Default: it gets all. */
  accepts?(item: T): boolean;
  /** What the client gets of an item. Default: the item. */
  view?(item: T): V;
  lastEventId?: string | null | undefined;
};

/**
 * Streams every item of a log in order: first those that the client does not have, then each new one, until a final one.
 * Items that the bus loses are read.
 */
export function followLog<T, V = T>(context: FollowContext, options: FollowLogOptions<T, V>): Follower<V> {
  return new LogFollower(context, options);
}

class LogFollower<T, V> extends BaseFollower<T, V> {
  readonly #options: FollowLogOptions<T, V>;
  /** The sequence number of the last item that the client has. */
  #last: number | undefined;
  /** Up to here the client has all items that it gets, also where the last of them is older. */
  #covered = 0;

  constructor(context: FollowContext, options: FollowLogOptions<T, V>) {
    super(context, options);
    this.#options = options;
    this.#last = parseSequence(options.lastEventId);
  }

  protected async read(): Promise<Page<T>> {
    const after = this.#last === undefined ? undefined : Math.max(this.#last, this.#covered);
    let page = await this.#options.read(after);
    if (after !== undefined && after > page.head) {
      this.#last = undefined;
      this.#covered = 0;
      page = await this.#options.read(undefined);
    }
    const { items, head, more, ended = false } = page;
    if (items.length === 0) this.#last ??= head;
    if (!more) this.#covered = head;
    return { items, more, ended };
  }

  // Not called before all items of the last read are delivered.
  protected actionFor(item: T) {
    if (this.#last === undefined) return 'read';
    const sequence = this.#options.sequence(item);
    const covered = Math.max(this.#last, this.#covered);
    if (sequence <= covered) return 'skip';
    if (sequence > covered + 1) return 'read';
    if (this.#options.accepts?.(item) ?? true) return 'deliver';
    // The read ends the stream.
    if (this.isFinal(item)) return 'read';
    this.#covered = sequence;
    return 'skip';
  }

  protected advance(item: T): string {
    this.#last = this.#options.sequence(item);
    return String(this.#last);
  }

  protected view(item: T): V {
    return this.#options.view ? this.#options.view(item) : (item as unknown as V);
  }

  protected isFinal(item: T): boolean {
    return this.#options.isFinal?.(item) ?? false;
  }

  protected mustKeep(): boolean {
    return false;
  }

  protected coalesce(events: T[]): T[] {
    return events;
  }
}
