import { z } from 'zod';
import type { Channel } from '#shared/channels.ts';
import { followLog } from '#server/live/follow-log.ts';
import { followState } from '#server/live/follow-state.ts';
import type { FollowContext, Follower } from '#server/live/follower.ts';

/** Small, so that logs take many pages. */
const pageSize = 10;

/** An entry of a log, or a version of a state. `n` counts from 1; an outside publisher's message has none. */
export const entrySchema = z.object({ n: z.int().optional(), isLast: z.boolean() });
export type Entry = z.infer<typeof entrySchema>;
export const channel: Channel<Entry> = { name: 'watched', schema: entrySchema };

/** The data that streams read: it is empty at first, and a test writes to it. */
export function createModelDatabase() {
  let held: { answer(how: 'late' | 'early' | 'with an error'): void }[] | undefined;
  const self = {
    head: 0,
    isOver: false,
    failedReads: 0,
    /** An answer is made of what there was when it was asked for, `early`, or what there is when it comes. */
    read<T>(answer: (asked: { head: number; isOver: boolean }, visible: number) => T): Promise<T> {
      const asked = { head: self.head, isOver: self.isOver };
      return new Promise((resolve, reject) => {
        const settle = (how: 'late' | 'early' | 'with an error') => {
          if (how === 'with an error') {
            self.failedReads += 1;
            reject(new Error('the database is away'));
          } else resolve(answer(asked, how === 'early' ? asked.head : self.head));
        };
        if (held) held.push({ answer: settle });
        else settle('early');
      });
    },
    holdReads: () => (held ??= []),
    answerReads(how: 'late' | 'early' | 'with an error') {
      const waiting = held ?? [];
      held = undefined;
      for (const { answer } of waiting) answer(how);
    },
  };
  return self;
}

export type ModelDatabase = ReturnType<typeof createModelDatabase>;
/** Opens a stream of the data. */
export type Open = (
  context: FollowContext,
  database: ModelDatabase,
  lastEventId: string | undefined,
) => Follower<Entry>;

/** The entry with this number; the last one if the data is complete and ends with it. */
export const at = (n: number, { head, isOver }: { head: number; isOver: boolean }): Entry => ({
  n,
  isLast: isOver && n === head,
});

const readLog = (database: ModelDatabase, after: number) =>
  database.read((asked, visible) => {
    const last = Math.min(visible, after + pageSize);
    const items = Array.from({ length: Math.max(0, last - after) }, (_, index) => at(after + 1 + index, database));
    return { items, head: asked.head, more: items.length === pageSize, ended: asked.isOver };
  });

const readState = (database: ModelDatabase) =>
  database.read((asked) => (asked.head === 0 ? undefined : at(asked.head, asked)));

export const openLog: Open = (context, database, lastEventId) =>
  followLog(context, {
    channels: [channel],
    read: (after = 0) => readLog(database, after),
    sequence: (item) => item.n!,
    isFinal: (item) => item.isLast,
    lastEventId,
  });

/** Every third entry is for the readers of this log, and the last one is not. */
export const isWanted = ({ n, isLast }: Entry) => n! % 3 === 0 && !isLast;

export const openPartOfLog: Open = (context, database, lastEventId) =>
  followLog(context, {
    channels: [channel],
    read: (after = 0) =>
      database.read((asked, visible) => {
        const wanted = Array.from({ length: Math.max(0, visible - after) }, (_, index) =>
          at(after + 1 + index, database),
        );
        const items = wanted.filter(isWanted).slice(0, pageSize);
        return { items, head: asked.head, more: items.length === pageSize, ended: asked.isOver };
      }),
    sequence: (item) => item.n!,
    accepts: isWanted,
    isFinal: (item) => item.isLast,
    lastEventId,
  });

export const openState: Open = (context, database, lastEventId) =>
  followState(context, {
    channels: [channel],
    read: () => readState(database),
    position: ({ n }) => (n === undefined ? undefined : { id: String(n), order: n }),
    isFinal: ({ isLast }) => isLast,
    lastEventId,
  });

/** The log by bells: a message says only that something has changed. */
export const openLogByBell: Open = (context, database, lastEventId) =>
  followLog(context, {
    on: [channel],
    read: (after = 0) => readLog(database, after),
    sequence: (item) => item.n!,
    isFinal: (item) => item.isLast,
    lastEventId,
  });

/** The state by bells, without a version. */
export const openStateByBell: Open = (context, database, lastEventId) =>
  followState(context, {
    on: [channel],
    read: () => readState(database),
    isFinal: ({ isLast }) => isLast,
    lastEventId,
  });
