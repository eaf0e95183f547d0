import type { ConnectionState } from './composed-event-source.ts';

/** A connection that lasts this long has proven itself, even without a message. */
const steadyMs = 5_000;

/**
 * How well a stream gets through. Each transition is a function that returns the next health; times are epoch ms.
 *
 *     idle ──── received ───► live ◄─── received ──── failing
 *     idle ──── broken ─────────────────────────────► failing
 *     live ──── broken ─────────────────────────────► failing
 *     live ──── dropped ────► idle, or failing if it has `failingSince`
 *
 * A connection that follows a failure is `live` with `failingSince`, until it brings a message. If it breaks before that
 * and within `steadyMs`, the outage goes on: a server that accepts connections and ends them at once has not recovered.
 */
export type StreamHealth =
  | { name: 'idle' }
  | { name: 'live'; since: number; failingSince?: number | undefined }
  | { name: 'failing'; since: number };

export const idle: StreamHealth = { name: 'idle' };

/** An event has arrived. A message is progress, since a stream that resumes gets no message twice. */
export function received(health: StreamHealth, eventType: string, now: number): StreamHealth {
  return {
    name: 'live',
    since: health.name === 'live' ? health.since : now,
    failingSince: eventType === 'message' ? undefined : failingSinceOf(health),
  };
}

/** This client has given up the connection. */
export function dropped(health: StreamHealth): StreamHealth {
  const since = failingSinceOf(health);
  return since === undefined ? idle : { name: 'failing', since };
}

/** True for a connection that has proven itself by its age. */
export function isSteady(health: StreamHealth, now: number): boolean {
  return health.name === 'live' && now - health.since >= steadyMs;
}

/** The connection has broken, or the attempt to make one has failed. */
export function broken(health: StreamHealth, now: number): StreamHealth & { name: 'failing' } {
  return { name: 'failing', since: (isSteady(health, now) ? undefined : failingSinceOf(health)) ?? now };
}

/** The machine is online again: the next failure begins a new outage. */
export function backOnline(health: StreamHealth, now: number): StreamHealth {
  if (failingSinceOf(health) === undefined) return health;
  return health.name === 'live' ? { ...health, failingSince: now } : { name: 'failing', since: now };
}

/** What the user is shown; `failing` is `polling` once the outage lasts for `pollingAfterMs`. */
export function connectionStateOf(
  health: StreamHealth,
  { isOnline, pollingAfterMs, now }: { isOnline: boolean; pollingAfterMs: number; now: number },
): ConnectionState {
  switch (health.name) {
    case 'idle':
      return 'connecting';
    case 'live':
      return 'live';
    case 'failing':
      if (!isOnline) return 'offline';
      return now - health.since >= pollingAfterMs ? 'polling' : 'reconnecting';
  }
}

function failingSinceOf(health: StreamHealth): number | undefined {
  if (health.name === 'failing') return health.since;
  return health.name === 'live' ? health.failingSince : undefined;
}
