import type { TrackedEnvelope } from '@trpc/server';
import type { Channel } from '#shared/channels.ts';
import { followState } from './follow-state.ts';
import type { FollowContext } from './follower.ts';

export interface ChangesOptions<T> {
  /** Messages on these channels cause a read. Without any, only the fallback interval does. */
  on?: readonly Channel<unknown>[];
  /** The current value; undefined when there is none yet. */
  read(): Promise<T | undefined>;
  lastEventId?: string | null | undefined;
}

/**
 * For procedures written as a plain `async function*`: yields `tracked(id, value)` now and each time the value differs.
 * The id is made from the value, so a client that resumes with it gets only another value. Ends with the signal, or with
 * the loop that reads it.
 */
export function changes<T>(
  context: FollowContext,
  { on = [], ...options }: ChangesOptions<T>,
): AsyncGenerator<TrackedEnvelope<T>, void, void> {
  return followState(context, { on, ...options });
}
