import { oneOfParam, type RawSearch } from './search-params.ts';

const hourMs = 3_600_000;
/** Spans that end now, in milliseconds. */
export const recentSpans = { '1h': hourMs, '24h': 24 * hourMs, '7d': 7 * 24 * hourMs, '30d': 30 * 24 * hourMs };
export type RecentSpan = keyof typeof recentSpans;

/** The time filter of a list, as it stands in the address. */
export interface TimeSearch {
  time?: RecentSpan | undefined;
  /** Days (YYYY-MM-DD) of the reader's calendar, both included. They replace `time`. */
  from?: string | undefined;
  to?: string | undefined;
}

/** Drops parameters that are not valid. */
export function parseTimeSearch({ time, from, to }: RawSearch): TimeSearch {
  return { time: oneOfParam(Object.keys(recentSpans) as RecentSpan[], time), from: day(from), to: day(to) };
}

/** A day that the calendar has, in a year for which a JavaScript date and the server mean the same. */
function day(value: string | undefined): string | undefined {
  if (value === undefined || !/^[1-9]\d{3}-\d\d-\d\d$/.test(value) || value > '9999-12-30') return undefined;
  const time = Date.parse(value);
  // `2026-02-31` parses, as the 3rd of March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value) ? value : undefined;
}

/** The span as ISO times, `since` inclusive and `until` exclusive. `now` is in epoch ms. */
export function toSpan({ time, from, to }: TimeSearch, now: number): { since?: string; until?: string } {
  const dated = from !== undefined || to !== undefined;
  return {
    ...(from && { since: startOfDay(from, 0) }),
    ...(to && { until: startOfDay(to, 1) }),
    ...(!dated && time && { since: new Date(now - recentSpans[time]).toISOString() }),
  };
}

function startOfDay(day: string, later: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}
