import { createContext, use, useSyncExternalStore } from 'react';
import type { Connection } from './connection.ts';
import type { ConnectionState } from '#sdk/live/composed-event-source.ts';

const pollingIntervalMs = 5_000;

export const ConnectionContext = createContext<Connection | null>(null);

/** The state of the page's streams, and a function that makes them try again now. Throws outside of a ConnectionContext. */
export function useConnection(): { state: ConnectionState; retryNow: () => void } {
  const connection = use(ConnectionContext);
  if (!connection) throw new Error('useConnection needs a ConnectionContext around it');
  return { state: useSyncExternalStore(connection.subscribe, connection.state), retryNow: connection.retryNow };
}

/** The `refetchInterval` of a query that a stream keeps current: it polls while no stream gets through. */
export function usePollingInterval(): number | false {
  return useConnection().state === 'polling' && pollingIntervalMs;
}
