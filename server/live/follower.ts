import type { TrackedEnvelope } from '@trpc/server';
import type { Channel } from '#shared/channels.ts';
import { type PushHandle, type PushSink, type PushSource, pushTo } from '#server/sse/push-source.ts';
import { asGenerator } from './as-generator.ts';
import type { Hub, Watcher } from './hub.ts';
import type { Pace } from './pacer.ts';

/** Events that wait for a slow reader. When there are more, they are dropped and read later. */
const mailboxLimit = 256;

export interface FollowContext {
  hub: Hub;
  /** Aborts when the client has gone. tRPC always gives one to a subscription, though its types do not say so. */
  signal: AbortSignal | undefined;
}

/** Where news comes from; at least one of the two. The fallback poll comes for free. */
export type Sources<T> =
  | {
      /** Their messages are what the stream delivers. */
      channels: readonly Channel<T>[];
      /** Their messages only say that something has changed: each causes a read, and one read follows many messages. */
      on?: readonly Channel<unknown>[];
      /** The messages are merged and delivered this often. All watchers of these channels use the same object. */
      pace?: Pace<T>;
    }
  | { channels?: undefined; on: readonly Channel<unknown>[]; pace?: undefined };

/** The result of a read. */
export interface Page<T> {
  /** New to this reader, in order. */
  items: T[];
  /** There is more to be read after these. */
  more: boolean;
  /** Nothing follows these. */
  ended: boolean;
}

export type Follower<T> = AsyncGenerator<TrackedEnvelope<T>, void, void> & PushSource<TrackedEnvelope<T>>;

/**
 * Subscribes, reads, and from then on delivers the messages of the bus. Reads again whenever something may be missing and
 * at every bell. It is an ordinary async generator; a consumer that knows `pushTo` gets its events pushed instead.
 * Fails when the subscription or the first read fails. Later failures are logged, since the next read repairs them.
 *
 * Subclasses remember what the reader has got and decide what is new to it. There may be thousands of followers, so each
 * is one object without functions of its own.
 */
export abstract class BaseFollower<T, V> implements Follower<V>, PushHandle, Watcher<T> {
  readonly #hub: Hub;
  /** Kept until the follower is live, and longer only by a generator. */
  #signal: AbortSignal | undefined;
  #sources: Sources<T> | undefined;
  #sink: PushSink | undefined;
  #watch: Disposable | undefined;
  #generator: AsyncGenerator<TrackedEnvelope<V>, void, void> | undefined;
  #state: 'new' | 'opening' | 'live' | 'closed' = 'new';
  #isReading = false;
  #mustRead = true;
  #isFirstRead = true;
  #isPaused = false;
  #hasEnded = false;
  /** Items of the last read; those from `#delivered` on have not been delivered yet. */
  #backlog: readonly T[] | undefined;
  #delivered = 0;
  /** Messages of the bus that have not been looked at yet. */
  #mailbox: T[] | undefined;

  constructor({ hub, signal }: FollowContext, sources: Sources<T>) {
    if (!signal) throw new Error('A stream needs a signal that aborts when its client has gone.');
    this.#hub = hub;
    this.#signal = signal;
    this.#sources = sources;
  }

  /** Reads what is newer than what the reader has got. */
  protected abstract read(): Promise<Page<T>>;
  /** Deliver the event; skip it, since it is old or not meant for this reader; or read, since something is missing. */
  protected abstract actionFor(event: T): 'deliver' | 'skip' | 'read';
  /** Called just before an item is delivered; returns its id. */
  protected abstract advance(item: T): string;
  /** The data that the reader gets of an item. */
  protected abstract view(item: T): V;
  /** True when nothing follows this item. */
  protected abstract isFinal(item: T): boolean;
  /** True when no read brings this event back, so that it is kept however slow the reader is. */
  protected abstract mustKeep(event: T): boolean;
  /** Reduces the events that have gathered for a slow reader to those that still matter. */
  protected abstract coalesce(events: T[]): T[];

  [pushTo](sink: PushSink): PushHandle {
    this.#sink = sink;
    if (this.#state === 'new') {
      this.#state = 'opening';
      void this.#open();
    }
    return this;
  }

  resume(): void {
    this.#isPaused = false;
    this.#pump();
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#watch?.[Symbol.dispose]();
    this.#backlog = undefined;
    this.#mailbox = undefined;
  }

  onEvent(event: T): void {
    try {
      this.#receive(event);
    } catch (error) {
      this.#fail(error);
    }
  }

  onStale(): void {
    this.#mustRead = true;
    this.#pump();
  }

  #receive(event: T): void {
    const isIdle =
      this.#state === 'live' && !this.#isReading && !this.#isPaused && !this.#mustRead && !this.#mailbox?.length;
    if (isIdle && this.#backlog === undefined) {
      this.#take(event);
      if (this.#mustRead) this.#pump();
      return;
    }
    this.#mailbox ??= [];
    if (this.#mailbox.length >= mailboxLimit) {
      this.#mailbox = this.#mailbox.filter((kept) => this.mustKeep(kept)).slice(-mailboxLimit / 2);
      this.#mustRead = true;
    }
    this.#mailbox.push(event);
  }

  async #open(): Promise<void> {
    const signal = this.#signal!;
    const sources = this.#sources!;
    // `close` ends a stream that is pushed. The reader of a generator may have nothing but the signal.
    if (!this.#generator) this.#signal = undefined;
    this.#sources = undefined;
    let watch: Disposable;
    try {
      watch = await this.#hub.watch(sources, this, signal);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#isClosed()) return watch[Symbol.dispose]();
    this.#watch = watch;
    this.#state = 'live';
    this.#pump();
  }

  // A method, since the compiler does not know that the state changes during an await.
  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #fail(error: unknown): void {
    if (this.#isClosed()) return;
    this.close();
    this.#sink!.fail(error);
  }

  #finish(): void {
    this.close();
    this.#sink!.end();
  }

  #deliver(item: T): void {
    const id = this.advance(item);
    const isFinal = this.isFinal(item);
    this.#isPaused = !this.#sink!.event(id, this.view(item));
    if (isFinal) this.#finish();
  }

  /** An error of a subclass or of the sink ends this stream; no caller could do better. */
  #pump(): void {
    try {
      this.#deliverAll();
    } catch (error) {
      this.#fail(error);
    }
  }

  #deliverAll(): void {
    while (this.#state === 'live' && !this.#isReading && !this.#isPaused) {
      if (this.#backlog && this.#delivered < this.#backlog.length) {
        this.#deliver(this.#backlog[this.#delivered++]!);
        continue;
      }
      this.#backlog = undefined;
      if (this.#hasEnded) {
        this.#finish();
      } else if (this.#mustRead) {
        void this.#readOn();
      } else if (this.#mailbox?.length) {
        const events = this.#mailbox.length > 1 ? this.coalesce(this.#mailbox) : this.#mailbox;
        this.#mailbox = undefined;
        this.#takeAll(events);
      } else {
        return;
      }
    }
  }

  #takeAll(events: T[]): void {
    for (const [index, event] of events.entries()) {
      this.#take(event);
      if (this.#isClosed()) return;
      if (this.#isPaused || this.#mustRead) {
        this.#mailbox = [...events.slice(index + 1), ...(this.#mailbox ?? [])];
        return;
      }
    }
  }

  #take(event: T): void {
    switch (this.actionFor(event)) {
      case 'deliver':
        return this.#deliver(event);
      case 'read':
        this.#mustRead = true;
        return undefined;
      case 'skip':
        return undefined;
    }
  }

  async #readOn(): Promise<void> {
    this.#isReading = true;
    this.#mustRead = false;
    try {
      const page = await this.read();
      if (this.#isClosed()) return;
      this.#backlog = page.items.length > 0 ? page.items : undefined;
      this.#delivered = 0;
      this.#mustRead ||= page.more;
      this.#hasEnded = page.ended && !page.more;
      this.#isFirstRead = false;
    } catch (error) {
      if (this.#isFirstRead) return this.#fail(error);
      if (this.#isClosed()) return;
      this.#hub.logger.warn({ err: error }, 'a read for a stream failed; it is tried again');
    } finally {
      this.#isReading = false;
    }
    this.#pump();
  }

  #pulled(): AsyncGenerator<TrackedEnvelope<V>, void, void> {
    return (this.#generator ??= asGenerator(this, this.#signal!));
  }
  next() {
    return this.#pulled().next();
  }
  async return(): Promise<IteratorReturnResult<void>> {
    // A follower that pushes has released its signal and has no generator.
    if (this.#signal) await this.#pulled().return(undefined);
    else this.close();
    return { done: true, value: undefined };
  }
  throw(error: unknown) {
    return this.#pulled().throw(error);
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
  [Symbol.asyncIterator](): this {
    return this;
  }
}
