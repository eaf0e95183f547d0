import type { Channel } from '#shared/channels.ts';
import type { Bus } from '#server/bus/bus.ts';
import type { Logger } from '#server/lib/logger.ts';

/** How often watchers read while the bus is down, in ms. */
const pollWhileDownMs = 2_000;

/** One invalid message per channel and minute is logged. */
const warnEveryMs = 60_000;

export interface Hub extends Disposable {
  /**
   * Resolves when all channels are acknowledged by the bus, so that whatever is published from then on reaches the
   * watcher; rejects, holding nothing, when the bus refuses or `signal` aborts. The caller disposes of the watch.
   */
  watch<T>(channels: readonly Channel<T>[], watcher: Watcher<T>, signal: AbortSignal): Promise<Disposable>;
  /** What is watched now, for metrics and leak checks. `invalid` counts ignored messages. */
  stats(): { watchers: number; channels: number; invalid: number };
}

export interface Watcher<T> {
  /** Called with each event of the channels; watchers of one channel get the same object. Must not throw. */
  onEvent(event: T): void;
  /** Something may have been missed: read. Called at every fallback interval, too. Must not throw. */
  onStale(): void;
}

/** A channel and those who watch it: the bus knows one of them. */
interface Topic {
  readonly channel: Channel<unknown>;
  readonly watchers: Set<Watcher<unknown>>;
  /** Present until the bus has acknowledged the subscription, and after it has refused it. */
  acknowledged: Promise<unknown> | undefined;
  /** Ends the subscription. */
  release: (() => void) | undefined;
}

/**
 * Shares one bus among all watchers of a process: a channel is subscribed and a message is parsed once whatever their
 * number, and one timer tells them all when to read again. Disposing stops the timer; watches are the watchers' own to
 * dispose of.
 */
export function createHub(options: { bus: Bus; fallbackIntervalMs: number; logger: Logger }): Hub {
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
    // Processes that lose the bus together shall not ask the database together.
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
    const event = message === undefined ? undefined : parse(topic.channel, message);
    if (message !== undefined && event === undefined) return;
    // Those that come meanwhile are last in the set, and read what this tells.
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

  function join(channel: Channel<unknown>, watcher: Watcher<unknown>): Topic {
    let topic = topics.get(channel.name);
    if (!topic) topics.set(channel.name, (topic = open(channel)));
    topic.watchers.add(watcher);
    return topic;
  }

  function open(channel: Channel<unknown>): Topic {
    const topic: Topic = { channel, watchers: new Set(), acknowledged: undefined, release: undefined };
    topic.acknowledged = bus
      .subscribe(channel.name, (message) => tell(topic, message))
      .then(
        (release) => {
          topic.acknowledged = undefined;
          topic.release = release;
          if (topic.watchers.size === 0) closeTopic(topic);
        },
        (error: unknown) => {
          topics.delete(channel.name);
          throw error;
        },
      );
    // Whoever waits hears of it; there may be nobody left.
    topic.acknowledged.catch(() => {});
    return topic;
  }

  function leave(topic: Topic, watcher: Watcher<unknown>): void {
    if (topic.watchers.delete(watcher) && topic.watchers.size === 0) closeTopic(topic);
  }

  /** One that is not acknowledged yet closes when it is. */
  function closeTopic(topic: Topic): void {
    if (!topic.release) return;
    topics.delete(topic.channel.name);
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
    async watch<T>(channels: readonly Channel<T>[], typedWatcher: Watcher<T>, signal: AbortSignal) {
      signal.throwIfAborted();
      // A topic hands its watchers what its own schema has made.
      const watcher = typedWatcher as Watcher<unknown>;
      const joined = channels.map((channel) => join(channel, watcher));
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
