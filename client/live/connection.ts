import type { ConnectionState } from '#sdk/live/composed-event-source.ts';

interface Source {
  retryNow(): void;
}

/** The state of all streams of this page together. */
export interface Connection {
  /** Records a source's state; `null` when it is closed. */
  report(source: Source, state: ConnectionState | null): void;
  /** The worst state of all streams; `connecting` only if all streams are. */
  state(): ConnectionState;
  /** Returns a function that ends the subscription. */
  subscribe(listener: () => void): () => void;
  /** Each stream that waits makes its next attempt now. */
  retryNow(): void;
}

const worstFirst = ['offline', 'polling', 'reconnecting', 'live', 'connecting'] as const satisfies ConnectionState[];

export function createConnection(): Connection {
  const states = new Map<Source, ConnectionState>();
  const listeners = new Set<() => void>();
  let state: ConnectionState = 'connecting';
  return {
    report(source, newState) {
      if (newState === null) states.delete(source);
      else states.set(source, newState);
      const present = new Set(states.values());
      // Without streams, the state of the last one stands.
      const worst = worstFirst.find((it) => present.has(it)) ?? state;
      if (worst === state) return;
      state = worst;
      for (const listener of listeners) listener();
    },
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    retryNow() {
      for (const source of states.keys()) source.retryNow();
    },
  };
}
