import type { RunEvent } from '#shared/events.ts';
import type { OpenScreen } from './screen.ts';
import { appendEvents, emptyLog, type RunLog } from './run-log.ts';

/** Entries of a log without a gap between them. The log may have more before and after. Immutable. */
export interface LogWindow {
  entries: readonly RunEvent[];
  hasEarlier: boolean;
  hasLater: boolean;
  /** The highest sequence number of the whole log when the last entries were read: a stream goes on after it. */
  head: number;
  /** The entries as lines. */
  log: RunLog;
}

/** What the server answers for a part of a log. */
export type LogAnswer = Pick<LogWindow, 'hasEarlier' | 'hasLater' | 'head'> & { items: readonly RunEvent[] };

/** Of more entries, the older half is forgotten; it can be read again. */
const mostEntries = 50_000;

/**
 * The window that an answer shows. Entries that a stream has added to `known` while the answer was on its way stay, since
 * the stream does not bring them again.
 */
export function openWindow({ items, ...rest }: LogAnswer, openScreen?: OpenScreen, known?: LogWindow): LogWindow {
  const opened = { ...rest, entries: items, log: appendEvents(emptyLog, items, openScreen) };
  return known === undefined || opened.hasLater ? opened : addLater(opened, { items: known.entries }, openScreen);
}

/** Adds entries that come before all others. */
export function addEarlier(known: LogWindow, { items, hasEarlier }: LogAnswer, openScreen?: OpenScreen): LogWindow {
  const first = known.entries[0]?.seq ?? Infinity;
  const entries = [...items.filter(({ seq }) => seq < first), ...known.entries];
  // Lines are made from the first entry on, since a piece of output continues the one before.
  return { ...known, entries, hasEarlier, log: appendEvents(emptyLog, entries, openScreen) };
}

/** Adds entries that come after all others: `later` of an answer, or those of a stream. */
export function addLater(
  known: LogWindow,
  { items, ...later }: Pick<LogAnswer, 'items'> & Partial<LogAnswer>,
  openScreen?: OpenScreen,
): LogWindow {
  const last = known.entries.at(-1)?.seq ?? 0;
  const fresh = items.filter(({ seq }) => seq > last);
  const { hasLater = known.hasLater, head = known.head } = later;
  const entries = fresh.length === 0 ? known.entries : [...known.entries, ...fresh];
  const isFull = entries.length > mostEntries;
  return {
    ...known,
    entries: isFull ? entries.slice(-mostEntries / 2) : entries,
    hasEarlier: known.hasEarlier || isFull,
    hasLater,
    head: Math.max(head, fresh.at(-1)?.seq ?? 0),
    log: appendEvents(known.log, fresh, openScreen),
  };
}
