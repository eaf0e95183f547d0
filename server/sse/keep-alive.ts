/** The timer fires this many times within a ping interval, each time for a part of the streams. */
const slots = 50;

export interface PingedStream {
  /** In ms since 1970. */
  readonly openedAt: number;
  ping(): void;
  /** The stream has lasted for the connection timeout. Called again and again until it is removed. */
  expire(): void;
}

export interface KeepAlive extends Disposable {
  /** Pings the stream at every interval and expires it after the timeout, until it is removed. */
  add(stream: PingedStream): void;
  remove(stream: PingedStream): void;
}

/** One timer for the pings and timeouts of all streams. Pings are spread evenly over the interval. */
export function createKeepAlive(options: { pingIntervalMs: number; timeoutMs: number }): KeepAlive {
  const { pingIntervalMs, timeoutMs } = options;
  // Ordered by start. The timeout is the same for all, so the first to start is the first to expire.
  const streams = new Set<PingedStream>();
  // Ordered by last ping. New streams go last.
  const toPing = new Set<PingedStream>();
  let next = toPing.values();
  /** Number of pings that are due. A fraction is kept for the next tick. */
  let due = 0;
  let timer: NodeJS.Timeout | undefined;

  function tick() {
    const bound = Date.now() - timeoutMs;
    for (const stream of streams) {
      if (stream.openedAt > bound) break;
      stream.expire();
    }
    for (due += toPing.size / slots; due >= 1 && toPing.size > 0; due -= 1) {
      let { value } = next.next();
      if (!value) value = (next = toPing.values()).next().value;
      if (!value) return;
      toPing.delete(value);
      toPing.add(value);
      value.ping();
    }
  }

  return {
    add(stream) {
      streams.add(stream);
      toPing.add(stream);
      timer ??= setInterval(tick, Math.max(1, pingIntervalMs / slots));
    },
    remove(stream) {
      streams.delete(stream);
      toPing.delete(stream);
      if (streams.size > 0) return;
      // An iterator in the middle of the set keeps removed streams in memory.
      next = toPing.values();
      clearInterval(timer);
      timer = undefined;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
