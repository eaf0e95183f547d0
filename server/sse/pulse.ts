/** How many times within a ping interval the timer fires, each time for a part of the streams. */
const slots = 50;

export interface Beating {
  ping(): void;
  /** The stream has lasted as long as one may. */
  expire(): void;
}

export interface Pulse extends Disposable {
  /** Pings the stream at every interval and lets it expire once, until the returned function is called. */
  add(stream: Beating): () => void;
}

/** One timer for the pings and the ends of all streams. Pings are spread over the interval, whatever began when. */
export function createPulse(options: { pingIntervalMs: number; timeoutMs: number }): Pulse {
  const stepMs = Math.max(1, options.pingIntervalMs / slots);
  const rings = Array.from({ length: slots }, () => new Set<Beating>());
  // Every stream lasts as long, so the first to begin is the first to end.
  const endsAt = new Map<Beating, number>();
  let next = 0;
  let slot = 0;
  let timer: NodeJS.Timeout | undefined;

  function tick() {
    const now = Date.now();
    for (const [stream, at] of endsAt) {
      if (at > now) break;
      endsAt.delete(stream);
      stream.expire();
    }
    slot = (slot + 1) % slots;
    for (const stream of rings[slot]!) stream.ping();
  }

  return {
    add(stream) {
      next = (next + 1) % slots;
      const ring = rings[next]!;
      ring.add(stream);
      endsAt.set(stream, Date.now() + options.timeoutMs);
      timer ??= setInterval(tick, stepMs);
      return () => {
        ring.delete(stream);
        endsAt.delete(stream);
        if (rings.every((it) => it.size === 0)) {
          clearInterval(timer);
          timer = undefined;
        }
      };
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
