import type { Channel } from '#shared/channels.ts';
import { deltaKind, followDeltas } from '#server/live/follow-deltas.ts';
import { at, channel, type Entry, entrySchema, type ModelDatabase, type Open } from './model-database.ts';

/** Parts of the state; version n changes the part n modulo this. */
const parts = 5;

/** Of each part that has changed, the version of its last change. */
export type Parts = Record<number, number>;

export interface DeltaEntry extends Entry {
  since: number;
  changed: Parts;
}

export const paceMs = 250;

const deltas: Channel<DeltaEntry> = {
  name: channel.name,
  schema: entrySchema.transform(({ n = 0, isLast }) => ({
    n,
    isLast,
    since: n - 1,
    changed: changedBetween(n - 1, n),
  })),
};

const kind = deltaKind<DeltaEntry>({
  everyMs: paceMs,
  span: ({ since, n }) => ({ since, version: n! }),
  merge: (items) => ({
    ...items.at(-1)!,
    since: items[0]!.since,
    changed: Object.assign({}, ...items.map(({ changed }) => changed)) as Parts,
  }),
});

/** The parts that the versions after `since`, up to `n`, have changed. */
export function changedBetween(since: number, n: number): Parts {
  const changed: Parts = {};
  for (let version = Math.max(since + 1, n - parts + 1, 1); version <= n; version += 1)
    changed[version % parts] = version;
  return changed;
}

const readDelta = (database: ModelDatabase, after: number | undefined) =>
  database.read(({ head, isOver }) => {
    const since = after ?? -1;
    const delta = head > since ? { ...at(head, database), since, changed: changedBetween(since, head) } : undefined;
    return { delta: delta && { ...delta, isLast: isOver }, head, ended: isOver };
  });

/** A state of many parts that is streamed as deltas. */
export const openDeltas: Open = (context, database, lastEventId) =>
  followDeltas(context, {
    channels: [deltas],
    kind,
    read: (after) => readDelta(database, after),
    isFinal: ({ isLast }) => isLast,
    lastEventId,
  });
