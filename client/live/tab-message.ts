import type { ConnectionState } from '#sdk/live/composed-event-source.ts';

/** Messages between the tabs that share a stream. Positions are ids of events, '' before the first. */
export type TabMessage =
  /** A follower asks for the leader. */
  | { type: 'where'; visible: boolean }
  /** The leader reports its position and state. */
  | { type: 'here'; position: string; state: ConnectionState }
  /** The leader passes on an event, which follows the one at `after`. Only events named `message` have an id. */
  | { type: 'event'; name: string; data: string; id: string; after: string }
  /** The user of a follower wants another attempt now. */
  | { type: 'retry' };

/**
 * Ids of logs and versions are numbers, and greater is later. Other ids have no order: each is after every other one, and
 * the tab that is behind finds out which by a connection of its own.
 */
export function isAfter(position: string, other: string): boolean {
  if (position === '') return false;
  const [number, otherNumber] = [Number(position), Number(other)];
  const haveOrder = !Number.isNaN(number) && !Number.isNaN(otherNumber);
  return haveOrder ? number > otherNumber : position !== other;
}
