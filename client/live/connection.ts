import type { ConnectionState } from './composed-event-source.ts';

interface Source {
  retryNow(): void;
}

/** How the streams of this page do, together. */
export interface Connection {
  /** Takes in a source's state; `null` when it is closed. */
  report(source: Source, state: ConnectionState | null): void;
  /** The worst state of all; a stream that is only beginning does not count beside one that is live. */
  state(): ConnectionState;
  /** Returns what ends the subscription. */
  subscribe(listener: () => void): () => void;
  /** Lets each stream that waits make its next attempt now. */
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
      // Between two streams, what the last one knew is the best guess.
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
