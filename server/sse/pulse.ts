/** How many times within a ping interval the timer fires, each time for a part of the streams. */
const slots = 50;

export interface Beating {
  /** In ms since 1970. */
  readonly openedAt: number;
  ping(): void;
  /** The stream has lasted as long as one may; called again and again until it is removed. */
  expire(): void;
}

export interface Pulse extends Disposable {
  /** Pings the stream at every interval, and lets it expire, until it is removed. */
  add(stream: Beating): void;
  remove(stream: Beating): void;
}

/** One timer for the pings and the ends of all streams. Pings are spread over the interval, whatever began when. */
export function createPulse(options: { pingIntervalMs: number; timeoutMs: number }): Pulse {
  const { pingIntervalMs, timeoutMs } = options;
  // In the order of their beginning: every stream lasts as long, so the first to begin is the first to end.
  const streams = new Set<Beating>();
  // In the order of their last ping, so that nobody who comes is before those who wait.
  const toPing = new Set<Beating>();
  let next = toPing.values();
  /** Pings that are due; what is less than one is kept for the next time. */
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
      // An iterator that stands still holds what the set has let go of.
      next = toPing.values();
      clearInterval(timer);
      timer = undefined;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
