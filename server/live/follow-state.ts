import { contentId } from './content-id.ts';
import { BaseFollower, type FollowContext, type Follower, type Page, type Sources } from './follower.ts';
import { memoize } from './memoize.ts';

/** Identifies a state and says which of two states is newer. */
export interface StatePosition {
  /** The client sends it back as `lastEventId`. */
  id: string;
  /** Greater is newer; compared only within one stream. Without it, the state that comes later is newer. */
  order?: string | number;
}

export type FollowStateOptions<T, V = T> = Sources<T> & {
  /** The current state; undefined when there is none yet. Share reads between streams with `batchReads`. */
  read(): Promise<T | undefined>;
  /**
   * Where the state has a version, its position. Undefined for messages of outside publishers, which have none: they are
   * passed on as they are. Default: the id is made from the content, so that an equal state is not sent again.
   */
  position?(state: T): StatePosition | undefined;
  /** States that come on `channels` and are not accepted are ignored. Default: all are accepted. */
  accepts?(state: T): boolean;
  /** True when nothing follows: the stream delivers this state and ends. Default: it never ends. */
  isFinal?(state: T): boolean;
  /** What the client gets of a state. Return the same object to all clients that may see the same. Default: the state. */
  view?(state: T): V;
  lastEventId?: string | null | undefined;
};

/**
 * Streams the current state, then every newer one, until a final one. A client that comes back with its `lastEventId`
 * gets only what is newer; a slow client gets the newest.
 */
export function followState<T, V = T>(context: FollowContext, options: FollowStateOptions<T, V>): Follower<V> {
  return new StateFollower(context, options);
}

const positionOfObject = memoize((state: object): StatePosition => ({ id: contentId(state) }));

function positionOfContent(state: unknown): StatePosition {
  return typeof state === 'object' && state !== null ? positionOfObject(state) : { id: contentId(state) };
}

function isNewer(at: StatePosition, than: StatePosition): boolean {
  if (at.id === than.id) return false;
  return at.order === undefined || than.order === undefined || at.order > than.order;
}

class StateFollower<T, V> extends BaseFollower<T, V> {
  readonly #options: FollowStateOptions<T, V>;
  /** Of the last state that the client has. */
  #last: StatePosition | undefined;

  constructor(context: FollowContext, options: FollowStateOptions<T, V>) {
    super(context, options);
    this.#options = options;
  }

  #positionOf(state: T): StatePosition | undefined {
    return this.#options.position ? this.#options.position(state) : positionOfContent(state);
  }

  #isOld(at: StatePosition): boolean {
    return this.#last !== undefined && !isNewer(at, this.#last);
  }

  protected async read(): Promise<Page<T>> {
    const state = await this.#options.read();
    if (state === undefined) return { items: [], more: false, ended: false };
    const at = this.#positionOf(state);
    const ended = this.isFinal(state);
    // A state that the client already has is not sent again, but it may end the stream. A read is the truth, whatever the
    // bus said.
    const isKnown = at !== undefined && at.id === (this.#last?.id ?? this.#options.lastEventId);
    const isNews = at === undefined || !this.#isOld(at);
    if (isKnown) this.#last ??= at;
    return { items: !isKnown && (isNews || ended) ? [state] : [], more: false, ended };
  }

  protected actionFor(state: T) {
    const { accepts } = this.#options;
    if (accepts && !accepts(state)) return 'skip';
    const at = this.#positionOf(state);
    return at !== undefined && this.#isOld(at) ? 'skip' : 'deliver';
  }

  protected advance(state: T): string {
    this.#last = this.#positionOf(state) ?? this.#last;
    return this.#last?.id ?? '0';
  }

  protected view(state: T): V {
    return this.#options.view ? this.#options.view(state) : (state as unknown as V);
  }

  protected isFinal(state: T): boolean {
    return this.#options.isFinal?.(state) ?? false;
  }

  protected mustKeep(state: T): boolean {
    return this.isFinal(state);
  }

  protected coalesce(states: T[]): T[] {
    const positions = states.map((state) => this.#positionOf(state));
    return states.filter((state, index) => {
      const at = positions[index];
      if (at === undefined || this.isFinal(state)) return true;
      return !positions.some((later, laterIndex) => laterIndex > index && later !== undefined && isNewer(later, at));
    });
  }
}
