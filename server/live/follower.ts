import { tracked, type TrackedEnvelope } from '@trpc/server';
import type { Channel } from '#shared/channels.ts';
import { type PushHandle, type PushSink, type PushSource, pushTo } from '#server/sse/push-source.ts';
import type { Hub, Watcher } from './hub.ts';
import type { Logger } from '#server/lib/logger.ts';

/** Events that wait for a slow reader; beyond it they are dropped, and what is missing is read. */
const mailboxLimit = 256;

/** What following needs of the process. */
export interface FollowServices {
  hub: Hub;
  logger: Logger;
}

export interface FollowContext extends FollowServices {
  /** Aborts when the client has gone. */
  signal: AbortSignal;
}

/** What a read brought. */
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
 * Subscribes, reads, and from then on delivers what the bus brings, reading again whenever something may be missing.
 * An ordinary async generator for those who ask for one event after the other; for those who know how, it pushes them.
 * Fails when the subscription or the first read fails; later failures are logged, since the next read repairs them.
 *
 * What distinguishes one kind of stream from another, and remembers what its reader has got, is a subclass. There may
 * be thousands, so what each holds is one object without functions of its own.
 */
export abstract class BaseFollower<T> implements Follower<T>, PushHandle, Watcher<T> {
  readonly #hub: Hub;
  readonly #logger: FollowContext['logger'];
  /** Until it is live, and while somebody asks for one event after the other. */
  #signal: AbortSignal | undefined;
  #channels: readonly Channel<T>[] | undefined;
  #sink: PushSink | undefined;
  #watch: Disposable | undefined;
  #generator: AsyncGenerator<TrackedEnvelope<T>, void, void> | undefined;
  #state: 'new' | 'opening' | 'live' | 'closed' = 'new';
  #isReading = false;
  #mustRead = true;
  #isFirstRead = true;
  #isPaused = false;
  #hasEnded = false;
  /** Read, and not yet delivered: those from `#delivered` on. */
  #backlog: readonly T[] | undefined;
  #delivered = 0;
  /** Brought by the bus, and not yet judged. */
  #mailbox: T[] | undefined;

  constructor({ hub, logger, signal }: FollowContext, channels: readonly Channel<T>[]) {
    this.#hub = hub;
    this.#logger = logger;
    this.#signal = signal;
    this.#channels = channels;
  }

  /** What is newer than what the reader has got. */
  protected abstract read(): Promise<Page<T>>;
  /** Whether an event of the bus is to be delivered, is old or none of its business, or shows that something is missing. */
  protected abstract judge(event: T): 'deliver' | 'skip' | 'read';
  /** Called just before an item is delivered; answers its id. */
  protected abstract advance(item: T): string;
  /** What the reader gets of an item. */
  protected view(item: T): T {
    return item;
  }
  /** Nothing follows this item. */
  protected abstract isFinal(item: T): boolean;
  /** No read brings this event back, so it is kept for however slow a reader. */
  protected abstract mustKeep(event: T): boolean;
  /** Of the events that have gathered for a slow reader, those that still matter. */
  protected abstract thin(events: T[]): T[];

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
    // The event that shows that something is missing is among what will be read.
  }

  async #open(): Promise<void> {
    const signal = this.#signal!;
    const channels = this.#channels!;
    // Pushing is ended by `close`; only a generator's reader may have nothing but the signal.
    if (!this.#generator) this.#signal = undefined;
    this.#channels = undefined;
    let watch: Disposable;
    try {
      watch = await this.#hub.watch(channels, this, signal);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#isClosed()) return watch[Symbol.dispose]();
    this.#watch = watch;
    this.#state = 'live';
    this.#pump();
  }

  // A method, since the compiler cannot know that a state changes while something is awaited.
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

  /** What a subclass or the sink throws ends this stream: nobody who calls could do better. */
  #pump(): void {
    try {
      this.#deliverWhatThereIs();
    } catch (error) {
      this.#fail(error);
    }
  }

  #deliverWhatThereIs(): void {
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
        const events = this.#mailbox.length > 1 ? this.thin(this.#mailbox) : this.#mailbox;
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
    switch (this.judge(event)) {
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
      this.#logger.warn({ err: error }, 'a read for a stream failed; it is tried again');
    } finally {
      this.#isReading = false;
    }
    this.#pump();
  }

  #pulled(): AsyncGenerator<TrackedEnvelope<T>, void, void> {
    return (this.#generator ??= asGenerator(this, this.#signal!));
  }
  next() {
    return this.#pulled().next();
  }
  async return(): Promise<IteratorReturnResult<void>> {
    // One that pushes has let go of its signal, and has nobody who asks.
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

/** Makes a generator of something that pushes: one event is asked for, one is taken. */
function asGenerator<T>(
  source: PushSource<TrackedEnvelope<T>> & PushHandle,
  signal: AbortSignal,
): AsyncGenerator<TrackedEnvelope<T>, void, void> {
  let handle: PushHandle | undefined;
  const events: TrackedEnvelope<T>[] = [];
  let over: { error?: unknown } | undefined;
  let waiting: { resolve(result: IteratorResult<TrackedEnvelope<T>, void>): void; reject(error: unknown): void }[] = [];

  function settle() {
    while (waiting.length > 0 && (events.length > 0 || over)) {
      const { resolve, reject } = waiting.shift()!;
      const value = events.shift();
      if (value) resolve({ done: false, value });
      else if (over && 'error' in over) {
        const { error } = over;
        over = {};
        reject(error);
      } else resolve({ done: true, value: undefined });
    }
  }
  function end(how: { error?: unknown }) {
    signal.removeEventListener('abort', onAbort);
    over ??= how;
    settle();
  }
  function onAbort() {
    source.close();
    end({ error: signal.reason });
  }
  const sink: PushSink = {
    event(id, data) {
      events.push(tracked(id ?? '', data as T));
      settle();
      return events.length === 0;
    },
    end: () => end({}),
    fail: (error) => end({ error }),
  };

  function start(): PushHandle | undefined {
    if (signal.aborted) return void onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    return source[pushTo](sink);
  }

  const generator: AsyncGenerator<TrackedEnvelope<T>, void, void> = {
    next() {
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        settle();
        if (waiting.length === 0) return;
        if (handle) handle.resume();
        else handle = start();
      });
    },
    async return() {
      source.close();
      events.length = 0;
      end({});
      over = {};
      return { done: true, value: undefined };
    },
    async throw(error) {
      await generator.return();
      throw error;
    },
    async [Symbol.asyncDispose]() {
      await generator.return();
    },
    [Symbol.asyncIterator]: () => generator,
  };
  return generator;
}
