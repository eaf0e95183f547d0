import type { Channel } from '#shared/channels.ts';
import type { Bus } from '#server/bus/bus.ts';

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

interface Logger {
  warn(fields: object, message: string): void;
}

/**
 * Shares one bus among all watchers of a process: a message is parsed once whatever their number, and one timer tells
 * them all when to read again. Disposing stops the timer; watches are the watchers' own to dispose of.
 */
export function createHub(options: { bus: Bus; fallbackIntervalMs: number; logger: Logger }): Hub {
  const { bus, fallbackIntervalMs, logger } = options;
  const watchers = new Set<Watcher<never>>();
  const lastWarning = new Map<string, number>();
  let invalid = 0;
  let timer: NodeJS.Timeout | undefined;

  const tellStale = () => {
    for (const watcher of watchers) watcher.onStale();
  };
  const schedule = () => {
    clearInterval(timer);
    if (watchers.size === 0) return;
    const everyMs = bus.state === 'down' ? Math.min(pollWhileDownMs, fallbackIntervalMs) : fallbackIntervalMs;
    timer = setInterval(tellStale, everyMs);
    timer.unref();
  };
  const removeStateListener = bus.onState(() => {
    tellStale();
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
    async watch<T>(channels: readonly Channel<T>[], watcher: Watcher<T>, signal: AbortSignal): Promise<Disposable> {
      signal.throwIfAborted();
      const subscriptions = channels.map((channel) =>
        bus.subscribe(
          channel.name,
          (message) => {
            if (message === undefined) return watcher.onStale();
            const event = parse(channel, message);
            if (event !== undefined) watcher.onEvent(event);
          },
          { signal },
        ),
      );
      const results = await Promise.allSettled(subscriptions);
      const releases = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      const dispose = () => {
        for (const release of releases.splice(0)) release();
        if (watchers.delete(watcher) && watchers.size === 0) schedule();
      };
      const failed = results.find((result) => result.status === 'rejected');
      if (failed || signal.aborted) {
        dispose();
        throw failed ? failed.reason : signal.reason;
      }
      watchers.add(watcher);
      if (watchers.size === 1) schedule();
      return { [Symbol.dispose]: dispose };
    },
    stats: () => ({ watchers: watchers.size, channels: bus.channelCount(), invalid }),
    [Symbol.dispose]() {
      removeStateListener();
      clearInterval(timer);
    },
  };
}
