import type { Channel } from '#shared/channels.ts';
import { BaseFollower, type FollowContext, type Follower, type Page } from './follower.ts';
import type { Pace } from './pacer.ts';
import { parseSequence } from './parse-sequence.ts';

/** Which versions of a state a delta covers: all changes after `since`, up to `version`. */
export interface Span {
  since: number;
  version: number;
}

/** What the engine knows of deltas; `deltaKind` makes one for all streams of a kind. */
export interface DeltaKind<T> extends Pace<T> {
  span(delta: T): Span;
}

export interface DeltaPage<T> {
  /** All that has changed after the version asked for, as one delta; undefined if nothing has. */
  delta: T | undefined;
  /** The newest version. A client that claims to have a newer one gets everything. */
  head: number;
  /** Nothing follows `head`. */
  ended: boolean;
}

export interface FollowDeltasOptions<T, V = T> {
  /** Their messages are deltas of one version each, without gaps in the versions: a gap means that some were lost. */
  channels: readonly Channel<T>[];
  kind: DeltaKind<T>;
  /** What has changed after this version; undefined stands for everything, for a client that has nothing yet. */
  read(after: number | undefined): Promise<DeltaPage<T>>;
  /** True for the last delta of a state. Default: a state has none. */
  isFinal?(delta: T): boolean;
  /** What the client gets of a delta. Return the same object to all clients. Default: the delta. */
  view?(delta: T): V;
  lastEventId?: string | null | undefined;
}

/**
 * Describes deltas. `merge` makes one of several, each of which goes on where the one before ends; where two have the same
 * item, the later one's counts. Watchers get at most one delta in `everyMs`.
 */
export function deltaKind<T>(options: DeltaKind<T>): DeltaKind<T> {
  const { everyMs, span, merge } = options;
  /** The newest deltas without a gap. A watcher that lacks what came before them reads. */
  function connected(deltas: readonly T[]): T[] {
    let found: T[] = [];
    let head = -1;
    for (const delta of deltas) {
      const { since, version } = span(delta);
      if (version <= head) continue;
      if (since > head) found = [];
      found.push(delta);
      head = version;
    }
    return found;
  }
  return {
    everyMs,
    span,
    merge(deltas) {
      const found = connected(deltas);
      return found.length === 1 ? found[0]! : merge(found);
    },
  };
}

/**
 * Streams a state of many parts as deltas: first all that the client does not have as one delta, then what changes, until a
 * final one. What a client has applied at the end is the newest state, whatever the bus loses.
 */
export function followDeltas<T, V = T>(context: FollowContext, options: FollowDeltasOptions<T, V>): Follower<V> {
  return new DeltaFollower(context, options);
}

class DeltaFollower<T, V> extends BaseFollower<T, V> {
  readonly #options: FollowDeltasOptions<T, V>;
  /** The version that the client has. */
  #last: number | undefined;

  constructor(context: FollowContext, options: FollowDeltasOptions<T, V>) {
    super(context, { channels: options.channels, pace: options.kind });
    this.#options = options;
    this.#last = parseSequence(options.lastEventId);
  }

  protected async read(): Promise<Page<T>> {
    let page = await this.#options.read(this.#last);
    if (this.#last !== undefined && this.#last > page.head) {
      this.#last = undefined;
      page = await this.#options.read(undefined);
    }
    const { delta, head, ended } = page;
    if (delta === undefined) this.#last ??= head;
    return { items: delta === undefined ? [] : [delta], more: false, ended };
  }

  protected actionFor(delta: T) {
    const { since, version } = this.#options.kind.span(delta);
    if (this.#last === undefined || since > this.#last) return 'read';
    return version <= this.#last ? 'skip' : 'deliver';
  }

  protected advance(delta: T): string {
    this.#last = this.#options.kind.span(delta).version;
    return String(this.#last);
  }

  protected view(delta: T): V {
    return this.#options.view ? this.#options.view(delta) : (delta as unknown as V);
  }

  protected isFinal(delta: T): boolean {
    return this.#options.isFinal?.(delta) ?? false;
  }

  protected mustKeep(): boolean {
    return false;
  }

  protected coalesce(deltas: T[]): T[] {
    return [this.#options.kind.merge(deltas)];
  }
}
