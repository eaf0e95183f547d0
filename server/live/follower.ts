import { tracked, type TrackedEnvelope } from '@trpc/server';
import type { Channel } from '#shared/channels.ts';
import { type PushHandle, type PushSink, type PushSource, pushTo } from '#server/sse/push-source.ts';
import type { Hub } from './hub.ts';

/** Events that wait for a slow reader; beyond it they are dropped, and what is missing is read. */
const mailboxLimit = 256;

export interface FollowContext {
  hub: Hub;
  logger: { warn(fields: object, message: string): void };
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

/** What distinguishes one kind of stream from another. Remembers what its reader has got. */
export interface Course<T> {
  channels: readonly Channel<T>[];
  /** What is newer than what the reader has got. */
  read(): Promise<Page<T>>;
  /** Whether an event of the bus is to be delivered, is old or none of its business, or shows that something is missing. */
  judge(event: T): 'deliver' | 'skip' | 'read';
  /** Called just before an item is delivered; answers its id. */
  advance(item: T): string;
  /** Nothing follows this item. */
  isFinal(item: T): boolean;
  /** No read brings this event back, so it is kept for however slow a reader. */
  mustKeep(event: T): boolean;
  /** Of the events that have gathered for a slow reader, those that still matter. */
  thin(events: T[]): T[];
}

export type Follower<T> = AsyncGenerator<TrackedEnvelope<T>, void, void> & PushSource<TrackedEnvelope<T>>;

/**
 * Subscribes, reads, and from then on delivers what the bus brings, reading again whenever something may be missing.
 * An ordinary async generator for those who ask for one event after the other; for those who know how, it pushes them.
 * Fails when the subscription or the first read fails; later failures are logged, since the next read repairs them.
 */
export function createFollower<T>(context: FollowContext, course: Course<T>): Follower<T> {
  let sink: PushSink | undefined;
  let watch: Disposable | undefined;
  let state: 'new' | 'opening' | 'live' | 'closed' = 'new';
  let reading = false;
  let mustRead = true;
  let isFirstRead = true;
  let paused = false;
  let ended = false;
  /** Read, and not yet delivered. */
  let backlog: T[] = [];
  let delivered = 0;
  /** Brought by the bus, and not yet judged. */
  let mailbox: T[] = [];

  function close() {
    if (state === 'closed') return;
    state = 'closed';
    context.signal.removeEventListener('abort', onAbort);
    watch?.[Symbol.dispose]();
    backlog = [];
    mailbox = [];
  }
  function onAbort() {
    const to = sink;
    close();
    to?.fail(context.signal.reason);
  }

  function deliver(item: T) {
    const id = course.advance(item);
    const isFinal = course.isFinal(item);
    paused = !sink!.event(id, item);
    if (isFinal) finish();
  }
  function finish() {
    const to = sink!;
    close();
    to.end();
  }

  function pump() {
    while (state === 'live' && !reading && !paused) {
      if (delivered < backlog.length) {
        deliver(backlog[delivered++]!);
      } else if (ended) {
        finish();
      } else if (mustRead) {
        void read();
      } else if (mailbox.length > 0) {
        const events = mailbox.length > 1 ? course.thin(mailbox) : mailbox;
        mailbox = [];
        takeAll(events);
      } else {
        return;
      }
    }
  }
  function takeAll(events: T[]) {
    for (const [index, event] of events.entries()) {
      take(event);
      if (state === 'closed') return;
      if (paused || mustRead) {
        mailbox = [...events.slice(index + 1), ...mailbox];
        return;
      }
    }
  }
  function take(event: T) {
    switch (course.judge(event)) {
      case 'deliver':
        return deliver(event);
      case 'read':
        mustRead = true;
        return undefined;
      case 'skip':
        return undefined;
    }
  }

  async function read() {
    reading = true;
    mustRead = false;
    try {
      const page = await course.read();
      if (state === 'closed') return;
      backlog = page.items;
      delivered = 0;
      mustRead ||= page.more;
      ended = page.ended && !page.more;
      isFirstRead = false;
    } catch (error) {
      if (state === 'closed') return;
      if (isFirstRead) {
        const to = sink!;
        close();
        to.fail(error);
        return;
      }
      context.logger.warn(
        { err: error, channel: course.channels[0]?.name },
        'a read for a stream failed; it is tried again',
      );
    } finally {
      reading = false;
    }
    pump();
  }

  const watcher = {
    onEvent(event: T) {
      const isIdle = state === 'live' && !reading && !paused && !mustRead && mailbox.length === 0;
      if (isIdle && delivered >= backlog.length) {
        take(event);
        if (mustRead) pump();
        return;
      }
      if (mailbox.length >= mailboxLimit) {
        mailbox = mailbox.filter(course.mustKeep).slice(-mailboxLimit / 2);
        mustRead = true;
      }
      mailbox.push(event);
      // The event that shows that something is missing is among what will be read.
    },
    onStale() {
      mustRead = true;
      pump();
    },
  };

  async function open() {
    try {
      watch = await context.hub.watch(course.channels, watcher, context.signal);
    } catch (error) {
      const to = sink!;
      if (state !== 'closed') {
        close();
        to.fail(error);
      }
      return;
    }
    if (state === 'closed') return watch[Symbol.dispose]();
    state = 'live';
    pump();
  }

  function start(to: PushSink): PushHandle {
    sink = to;
    if (state === 'new') {
      state = 'opening';
      context.signal.addEventListener('abort', onAbort, { once: true });
      if (context.signal.aborted) onAbort();
      else void open();
    }
    return {
      resume() {
        paused = false;
        pump();
      },
      close,
    };
  }

  return asGenerator(start, close);
}

/** Makes a generator of something that pushes: one event is asked for, one is taken. */
function asGenerator<T>(start: (sink: PushSink) => PushHandle, close: () => void): Follower<T> {
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
  const sink: PushSink = {
    event(id, data) {
      events.push(tracked(id ?? '', data as T));
      settle();
      return events.length === 0;
    },
    end() {
      over ??= {};
      settle();
    },
    fail(error) {
      over ??= { error };
      settle();
    },
  };

  const generator: Follower<T> = {
    next() {
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        settle();
        if (waiting.length === 0) return;
        if (handle) handle.resume();
        else handle = start(sink);
      });
    },
    async return() {
      close();
      events.length = 0;
      over = {};
      settle();
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
    [pushTo]: start,
  };
  return generator;
}
