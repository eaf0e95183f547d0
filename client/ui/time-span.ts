const hourMs = 3_600_000;
/** Spans that end now, in milliseconds. */
export const recentSpans = { '1h': hourMs, '24h': 24 * hourMs, '7d': 7 * 24 * hourMs, '30d': 30 * 24 * hourMs };
export type RecentSpan = keyof typeof recentSpans;

/** What an address says of the time that a list is about. */
export interface TimeSearch {
  time?: RecentSpan | undefined;
  /** Days (YYYY-MM-DD) of the reader's calendar, both included. They stand in for `time`. */
  from?: string | undefined;
  to?: string | undefined;
}

/** The parts of an address that mean something. */
export function parseTimeSearch({ time, from, to }: Record<string, unknown>): TimeSearch {
  return {
    time: typeof time === 'string' && Object.hasOwn(recentSpans, time) ? (time as RecentSpan) : undefined,
    from: day(from),
    to: day(to),
  };
}

const day = (value: unknown) =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined;

/** The span as ISO times, `since` included and `until` not, at a moment (epoch ms). */
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
