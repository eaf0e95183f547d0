import type { Channel } from '#shared/channels.ts';
import type { Bus, BusListener } from '#server/bus/bus.ts';
import type { Logger } from '#server/lib/logger.ts';
import { type Pace, Pacer } from './pacer.ts';

/** How often watchers read while the bus is down, in ms. */
const pollWhileDownMs = 2_000;

/** One invalid message per channel and minute is logged. */
const warnEveryMs = 60_000;

export interface Hub extends Disposable {
  /**
   * Resolves when the bus has acknowledged all channels, so that every message that is published from then on reaches the
   * watcher: those of `channels` as events, merged where there is a `pace`, those of `on` as `onStale`. Rejects, holding
   * nothing, when the bus refuses or `signal` aborts. The caller disposes of the watch.
   */
  watch<T>(
    sources: {
      channels?: readonly Channel<T>[] | undefined;
      on?: readonly Channel<unknown>[] | undefined;
      pace?: Pace<T> | undefined;
    },
    watcher: Watcher<T>,
    signal: AbortSignal,
  ): Promise<Disposable>;
  /** Where failures of watchers are logged. */
  readonly logger: Logger;
  /** Counts for metrics and leak checks. `invalid` counts ignored messages. */
  stats(): { watchers: number; channels: number; invalid: number };
}

export interface Watcher<T> {
  /** Called with each event of the channels; watchers of one channel get the same object. Must not throw. */
  onEvent(event: T): void;
  /** Something may have been missed or has changed: read. Called at every fallback interval, too. Must not throw. */
  onStale(): void;
}

/** A channel and its watchers: one subscription of the bus. A channel has topics of their own for bells and for a pace. */
interface Topic {
  /** In the map of all topics. */
  readonly key: string;
  readonly channel: Channel<unknown>;
  /** Its messages are not parsed: each makes the watchers read. */
  readonly isBell: boolean;
  readonly watchers: Set<Watcher<unknown>>;
  /** Merges the events of a channel that is followed at a pace. */
  pacer: Pacer<unknown> | undefined;
  /** Present until the bus has acknowledged the subscription, and after it has refused it. */
  acknowledged: Promise<unknown> | undefined;
  /** Ends the subscription. */
  release: (() => void) | undefined;
}

/**
 * Shares one bus among all watchers of a process: a channel is subscribed and a message is parsed once whatever their
 * number, and one timer makes them all read again. Disposing stops the timer; each watch is disposed of by the caller that
 * got it.
 */
export function createHub(options: {
  bus: Bus;
  fallbackIntervalMs: number;
  logger: Logger;
  /** Stands before the listener of each channel that is opened. */
  trace?: ((listener: BusListener, of: { channel: string; watchers: ReadonlySet<unknown> }) => BusListener) | undefined;
}): Hub {
  const { bus, fallbackIntervalMs, logger } = options;
  const topics = new Map<string, Topic>();
  const watchers = new Set<Watcher<unknown>>();
  const lastWarning = new Map<string, number>();
  let invalid = 0;
  let timer: NodeJS.Timeout | undefined;

  const tellStale = () => {
    for (const watcher of watchers) watcher.onStale();
  };
  const schedule = () => {
    clearTimeout(timer);
    if (watchers.size === 0) return;
    const everyMs = bus.state === 'down' ? Math.min(pollWhileDownMs, fallbackIntervalMs) : fallbackIntervalMs;
    const tick = () => {
      tellStale();
      timer = setTimeout(tick, everyMs).unref();
    };
    // Processes that lose the bus at the same time must not all read at the same time.
    timer = setTimeout(tick, everyMs * Math.random()).unref();
  };
  const removeStateListener = bus.onState(() => {
    tellStale();
    schedule();
  });

  function parse({ name, schema }: Channel<unknown>, message: string): unknown {
    let reason: string;
    try {
      const result = schema.safeParse(JSON.parse(message));
      if (result.success) return result.data;
      const issue = result.error.issues[0];
      reason = `${issue?.path.join('.')}: ${issue?.message}`;
    } catch {
      reason = 'not JSON';
    }
    invalid += 1;
    const now = Date.now();
    if (now - (lastWarning.get(name) ?? 0) > warnEveryMs) {
      if (lastWarning.size > 1_000) lastWarning.clear();
      lastWarning.set(name, now);
      logger.warn({ channel: name, reason, message: message.slice(0, 200) }, 'ignored an invalid message');
    }
    return undefined;
  }

  /** `message` is undefined when it was too large for the bus. */
  function tell(topic: Topic, message: string | undefined): void {
    if (topic.pacer) return topic.pacer.take(message);
    if (message === undefined || topic.isBell) return announce(topic, undefined);
    const event = parse(topic.channel, message);
    if (event !== undefined) announce(topic, event);
  }

  /** `event` is undefined when watchers must read. */
  function announce(topic: Topic, event: unknown): void {
    // Watchers that join meanwhile are last in the set; their first read brings this.
    let left = topic.watchers.size;
    for (const watcher of topic.watchers) {
      if (left-- === 0) break;
      try {
        if (event === undefined) watcher.onStale();
        else watcher.onEvent(event);
      } catch (error) {
        logger.warn({ err: error, channel: topic.channel.name }, 'a watcher failed');
      }
    }
  }

  function join(channel: Channel<unknown>, watcher: Watcher<unknown>, how: 'bell' | Pace<unknown> | undefined): Topic {
    const key = how === undefined ? channel.name : `${how === 'bell' ? 'on' : 'paced'} ${channel.name}`;
    let topic = topics.get(key);
    if (!topic) topics.set(key, (topic = open(key, channel, how)));
    topic.watchers.add(watcher);
    return topic;
  }

  function open(key: string, channel: Channel<unknown>, how: 'bell' | Pace<unknown> | undefined): Topic {
    const topic: Topic = {
      key,
      channel,
      isBell: how === 'bell',
      watchers: new Set(),
      pacer: undefined,
      acknowledged: undefined,
      release: undefined,
    };
    if (how !== undefined && how !== 'bell')
      topic.pacer = new Pacer(how, {
        parse: (message) => parse(channel, message),
        deliver: (event) => announce(topic, event),
        onError: (error) => logger.warn({ err: error, channel: channel.name }, 'could not merge events; watchers read'),
      });
    const listener = (message: string | undefined) => tell(topic, message);
    topic.acknowledged = bus
      .subscribe(
        channel.name,
        options.trace?.(listener, { channel: channel.name, watchers: topic.watchers }) ?? listener,
      )
      .then(
        (release) => {
          topic.acknowledged = undefined;
          topic.release = release;
          if (topic.watchers.size === 0) closeTopic(topic);
        },
        (error: unknown) => {
          topics.delete(key);
          throw error;
        },
      );
    // Those who wait for it get the error; there may be none left.
    topic.acknowledged.catch(() => {});
    return topic;
  }

  function leave(topic: Topic, watcher: Watcher<unknown>): void {
    if (topic.watchers.delete(watcher) && topic.watchers.size === 0) closeTopic(topic);
  }

  /** A topic that is not acknowledged yet closes when it is. */
  function closeTopic(topic: Topic): void {
    if (!topic.release) return;
    topics.delete(topic.key);
    topic.pacer?.[Symbol.dispose]();
    topic.release();
  }

  class Watch implements Disposable {
    #topics: Topic[] | undefined;
    readonly #watcher: Watcher<unknown>;
    constructor(joined: Topic[], watcher: Watcher<unknown>) {
      this.#topics = joined;
      this.#watcher = watcher;
    }
    [Symbol.dispose]() {
      for (const topic of this.#topics ?? []) leave(topic, this.#watcher);
      this.#topics = undefined;
      if (watchers.delete(this.#watcher) && watchers.size === 0) schedule();
    }
  }

  return {
    logger,
    async watch<T>(
      { channels = [], on = [], pace }: Parameters<Hub['watch']>[0],
      typedWatcher: Watcher<T>,
      signal: AbortSignal,
    ) {
      signal.throwIfAborted();
      // The schema of the channel makes the events that its watchers get.
      const watcher = typedWatcher as Watcher<unknown>;
      const joined = [
        ...channels.map((channel) => join(channel, watcher, pace)),
        ...on.map((channel) => join(channel, watcher, 'bell')),
      ];
      const watch = new Watch(joined, watcher);
      try {
        const pending = joined.flatMap(({ acknowledged }) => acknowledged ?? []);
        if (pending.length > 0) await unlessAborted(Promise.all(pending), signal);
      } catch (error) {
        watch[Symbol.dispose]();
        throw error;
      }
      watchers.add(watcher);
      if (watchers.size === 1) schedule();
      return watch;
    },
    stats: () => ({ watchers: watchers.size, channels: bus.channelCount(), invalid }),
    [Symbol.dispose]() {
      removeStateListener();
      clearTimeout(timer);
    },
  };
}

/** Rejects with the signal's reason as soon as it aborts. */
async function unlessAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    await Promise.race([promise, aborted]);
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
