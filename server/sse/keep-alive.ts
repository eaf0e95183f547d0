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

/**
 * One timer for the pings and timeouts of all streams. Pings are spread over the interval, and no stream waits longer than one
 * interval for its next, also when most others have left.
 */
export function createKeepAlive(options: { pingIntervalMs: number; timeoutMs: number }): KeepAlive {
  const { pingIntervalMs, timeoutMs } = options;
  // Ordered by start. The timeout is the same for all, so the first to start is the first to expire.
  const streams = new Set<PingedStream>();
  // The tick of the last ping of each, in this order. A new stream counts as just pinged.
  const pingedAt = new Map<PingedStream, number>();
  let rest = pingedAt.keys();
  /** The one that waits longest, once it is known. */
  let longest: PingedStream | undefined;
  let ticks = 0;
  /** Pings that an even spread asks for. A fraction is kept for the next tick. */
  let due = 0;
  let timer: NodeJS.Timeout | undefined;

  // One iterator goes on for ever: a new one would pass over the gaps that removed streams have left.
  function findLongest(): PingedStream | undefined {
    if (longest) return longest;
    longest = rest.next().value;
    if (!longest) longest = (rest = pingedAt.keys()).next().value;
    return longest;
  }

  function tick() {
    ticks += 1;
    const bound = Date.now() - timeoutMs;
    for (const stream of streams) {
      if (stream.openedAt > bound) break;
      stream.expire();
    }
    due += pingedAt.size / slots;
    for (let stream = findLongest(); stream; stream = findLongest()) {
      if (due < 1 && ticks - pingedAt.get(stream)! < slots) break;
      due = Math.max(0, due - 1);
      longest = undefined;
      pingedAt.delete(stream);
      pingedAt.set(stream, ticks);
      stream.ping();
    }
  }

  return {
    add(stream) {
      streams.add(stream);
      pingedAt.set(stream, ticks);
      timer ??= setInterval(tick, Math.max(1, pingIntervalMs / slots));
    },
    remove(stream) {
      streams.delete(stream);
      pingedAt.delete(stream);
      if (longest === stream) longest = undefined;
      if (streams.size > 0) return;
      // An iterator in the middle of the map keeps removed streams in memory.
      rest = pingedAt.keys();
      due = 0;
      clearInterval(timer);
      timer = undefined;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
