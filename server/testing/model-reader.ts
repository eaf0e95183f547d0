import { getEventListeners } from 'node:events';
import { expect } from 'vitest';
import type { Follower } from '#server/live/follower.ts';
import { type PushHandle, pushTo } from '#server/sse/push-source.ts';
import type { Entry } from './model-database.ts';
import type { LastEventId } from './stream-steps.ts';

/** One stream of a reader, from its opening to its end. */
export interface Visit {
  /** The id that the reader sent, and the number of that id. */
  since: { kind: LastEventId; id: string | undefined; n: number };
  got: Entry[];
  over: 'ended' | 'failed' | 'left' | undefined;
  /** It has been asked for its first event, so it listens. */
  hasBegun: boolean;
  /** It has received the last message of an outside publisher. */
  mustEnd: boolean;
}

export interface Reader {
  visits: Visit[];
  /** Id and number of its last event, as an honest client sends them back. */
  lastId: string | undefined;
  lastN: number;
  stopReading(): void;
  readOn(): void;
  leave(how: 'abort' | 'close' | 'both'): void;
  come(
    since: Visit['since'],
    open: (context: { signal: AbortSignal; lastEventId: string | undefined }) => Follower<Entry>,
  ): void;
  /** Abort listeners that are still on the signals of its streams. */
  abortListeners(): number;
  /** Resolves when all its pulls have ended; rejects when a promise was broken during one. */
  pulled(): Promise<void>;
}

/** Reads streams by the interface given, and fails the test as soon as a stream breaks its promises to its reader. */
export function createReader(
  interfaceName: 'pushed' | 'pulled',
  idOf: (item: Entry) => string = ({ n }) => String(n),
): Reader {
  const visits: Visit[] = [];
  const signals: AbortSignal[] = [];
  const pulls: Promise<void>[] = [];
  let isSlow = false;
  let wake = () => {};
  let close: ((how: 'abort' | 'close' | 'both') => void) | undefined;
  let resume = () => {};

  const self: Reader = {
    visits,
    lastId: undefined,
    lastN: 0,
    stopReading: () => (isSlow = true),
    readOn() {
      isSlow = false;
      resume();
      wake();
    },
    leave(how) {
      const visit = visits.at(-1);
      if (!visit || visit.over) return;
      visit.over = 'left';
      close!(how);
      wake();
    },
    come(since, open) {
      if (visits.length > 0 && !visits.at(-1)!.over) return;
      const abort = new AbortController();
      signals.push(abort.signal);
      const visit: Visit = { since, got: [], over: undefined, hasBegun: interfaceName === 'pushed', mustEnd: false };
      visits.push(visit);
      const follower = open({ signal: abort.signal, lastEventId: since.id });
      const receive = (id: string | undefined, item: Entry) => {
        expect(visit.over, 'nothing comes after the end').toBeUndefined();
        visit.got.push(item);
        if (item.n === undefined) return;
        expect(id).toBe(idOf(item));
        self.lastId = id;
        self.lastN = item.n;
      };
      const end = (how: 'ended' | 'failed') => {
        if (visit.over === 'left') return;
        expect(visit.over, 'it ends once').toBeUndefined();
        visit.over = how;
      };
      if (interfaceName === 'pushed') {
        let hasRoom = true;
        const handle: PushHandle = follower[pushTo]({
          event(id, data) {
            expect(hasRoom, 'nothing comes to a reader that has no room').toBe(true);
            receive(id, data as Entry);
            return (hasRoom = !isSlow);
          },
          end: () => end('ended'),
          fail: () => end('failed'),
        });
        resume = () => {
          hasRoom = true;
          handle.resume();
        };
        close = (how) => {
          if (how !== 'close') abort.abort();
          // A consumer of pushed events closes their source, whether or not it also aborts.
          handle.close();
        };
      } else {
        const pull = async () => {
          try {
            for (;;) {
              while (isSlow && !visit.over) await new Promise<void>((resolve) => (wake = resolve));
              if (visit.over) return;
              visit.hasBegun = true;
              const { done, value } = await follower.next();
              if (done) return end('ended');
              if (visit.over !== 'left') receive(value[0], value[1]);
            }
          } catch (error) {
            if (error instanceof Error && error.name === 'AssertionError') throw error;
            end('failed');
          }
        };
        pulls.push(pull());
        resume = () => {};
        close = (how) => {
          if (how !== 'abort') void follower.return();
          if (how !== 'close') abort.abort();
        };
      }
    },
    pulled: async () => void (await Promise.all(pulls)),
    abortListeners: () => signals.reduce((sum, signal) => sum + getEventListeners(signal, 'abort').length, 0),
  };
  return self;
}
