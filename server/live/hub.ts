import type { Channel } from '#shared/channels.ts';
import type { Bus } from '#server/bus/bus.ts';

/** How often watchers read while the bus is down, in ms. */
const pollWhileDownMs = 2_000;

/** Messages that wait for one watcher; beyond it they are dropped and the watcher reads instead. */
const mailboxLimit = 256;

/** One invalid message per channel and minute is logged. */
const warnEveryMs = 60_000;

export interface Hub extends Disposable {
  /**
   * Resolves when all channels are acknowledged by the bus, so that whatever is published from then on reaches the
   * watch; rejects, holding nothing, when the bus refuses or `signal` aborts. The caller disposes of the watch.
   */
  watch<T>(channels: readonly Channel<T>[], options: WatchOptions<T>): Promise<Watch<T>>;
  /** What is watched now, for metrics and leak checks. `invalid` counts ignored messages. */
  stats(): { watchers: number; channels: number; invalid: number };
}

export interface WatchOptions<T> {
  signal: AbortSignal;
  /** Events that must not be dropped when the reader is slow, because no read brings them back. */
  keep?: (event: T) => boolean;
}

export interface Watch<T> extends Disposable {
  /** What came since the last call; `mustRead` when messages may be missing among them. */
  take(): { events: T[]; mustRead: boolean };
  /** Resolves when there is something to take; rejects with the signal's reason when it aborts. */
  wait(): Promise<void>;
}

interface Logger {
  warn(fields: object, message: string): void;
}

/**
 * Shares one bus among all watchers of a process: a message is parsed once whatever their number, and one timer tells
 * them all when to read again. Disposing stops the timer; watches are the watchers' own to dispose of.
 */
export function createHub(options: { bus: Bus; fallbackIntervalMs: number; logger: Logger }): Hub {
  const { bus, fallbackIntervalMs, logger } = options;
  const watchers = new Set<() => void>();
  const lastWarning = new Map<string, number>();
  let invalid = 0;
  let timer: NodeJS.Timeout | undefined;

  const readAll = () => {
    for (const mustRead of watchers) mustRead();
  };
  const schedule = () => {
    clearInterval(timer);
    if (watchers.size === 0) return;
    timer = setInterval(
      readAll,
      bus.state === 'down' ? Math.min(pollWhileDownMs, fallbackIntervalMs) : fallbackIntervalMs,
    );
    timer.unref();
  };
  const removeStateListener = bus.onState(() => {
    readAll();
    schedule();
  });

  // The bus hands the same string to every listener of a channel, one after the other: parse it for the first.
  let memo: { channel: string; message: string; event: unknown } | undefined;
  function parse<T>(channel: Channel<T>, message: string): T | undefined {
    if (memo?.message !== message || memo.channel !== channel.name)
      memo = { channel: channel.name, message, event: parseNew(channel, message) };
    return memo.event as T | undefined;
  }
  function parseNew<T>(channel: Channel<T>, message: string): T | undefined {
    let reason: string;
    try {
      const result = channel.schema.safeParse(JSON.parse(message));
      if (result.success) return result.data;
      const issue = result.error.issues[0];
      reason = `${issue?.path.join('.')}: ${issue?.message}`;
    } catch {
      reason = 'not JSON';
    }
    invalid += 1;
    const now = Date.now();
    if (now - (lastWarning.get(channel.name) ?? 0) > warnEveryMs) {
      if (lastWarning.size > 1_000) lastWarning.clear();
      lastWarning.set(channel.name, now);
      logger.warn({ channel: channel.name, reason, message: message.slice(0, 200) }, 'ignored an invalid message');
    }
    return undefined;
  }

  return {
    async watch<T>(channels: readonly Channel<T>[], { signal, keep }: WatchOptions<T>): Promise<Watch<T>> {
      signal.throwIfAborted();
      let events: T[] = [];
      let mustRead = false;
      let wake: (() => void) | undefined;

      const readAgain = () => {
        mustRead = true;
        wake?.();
      };
      const releases: (() => void)[] = [];
      const dispose = () => {
        for (const release of releases.splice(0)) release();
        if (watchers.delete(readAgain) && watchers.size === 0) schedule();
        events = [];
      };

      const subscriptions = channels.map((channel) =>
        bus.subscribe(
          channel.name,
          (message) => {
            const event = message === undefined ? undefined : parse(channel, message);
            if (message === undefined) return readAgain();
            if (event === undefined) return;
            if (events.length >= mailboxLimit) {
              events = keep ? events.filter(keep).slice(-mailboxLimit / 2) : [];
              mustRead = true;
            }
            events.push(event);
            wake?.();
          },
          { signal },
        ),
      );
      const results = await Promise.allSettled(subscriptions);
      for (const result of results) if (result.status === 'fulfilled') releases.push(result.value);
      const failed = results.find((result) => result.status === 'rejected');
      if (failed || signal.aborted) {
        dispose();
        throw failed ? failed.reason : signal.reason;
      }
      watchers.add(readAgain);
      if (watchers.size === 1) schedule();

      return {
        take() {
          const taken = { events, mustRead };
          events = [];
          mustRead = false;
          return taken;
        },
        async wait() {
          signal.throwIfAborted();
          if (mustRead || events.length > 0) return;
          let abort = () => {};
          try {
            await new Promise<void>((resolve, reject) => {
              wake = resolve;
              abort = () => reject(signal.reason);
              signal.addEventListener('abort', abort, { once: true });
            });
          } finally {
            wake = undefined;
            signal.removeEventListener('abort', abort);
          }
        },
        [Symbol.dispose]: dispose,
      };
    },
    stats: () => ({ watchers: watchers.size, channels: bus.channelCount(), invalid }),
    [Symbol.dispose]() {
      removeStateListener();
      clearInterval(timer);
    },
  };
}
