/** How long a working connection can be silent, in ms, as the data of its event `connected` says. */
export function inactivityMs(connected: string): number | undefined {
  const { reconnectAfterInactivityMs } = JSON.parse(connected) as { reconnectAfterInactivityMs?: number };
  return reconnectAfterInactivityMs;
}

/** The server's message in the data of an event `serialized-error`. */
export function errorText(serializedError: string): string {
  return (JSON.parse(serializedError) as { message?: string }).message ?? 'an error without a message';
}
