import { type RawBuilder, sql } from 'kysely';
import type { RunEvent } from '#shared/events.ts';
import type { Database } from '#server/db/database.ts';
import { getRun } from './queries.ts';

export interface LogWindow {
  /** In order. */
  items: RunEvent[];
  /** The log has entries before the first item. */
  hasEarlier: boolean;
  /** The log has entries after the last item. */
  hasLater: boolean;
  /** The highest sequence number of the run's whole log: a stream of `runs.onEvents` goes on after it. */
  head: number;
}

export interface LogPlace {
  runId: string;
  /** Index of a case in the run, and one of its attempts (from 0). */
  caseIndex?: number | undefined;
  attempt?: number | undefined;
  before?: number | undefined;
  after?: number | undefined;
  limit: number;
}

/** Most text in a window, in UTF-16 units; a single entry may have more. */
const mostText = 500_000;

/** The same condition as in the index `run_events_of_log`, so that queries skip steps, which are most of a log. */
const isOfLog = sql`type in ('status', 'part', 'case', 'log')`;

/**
 * A window of the text in a run's log: output, cases, parts and states of the run. Has the newest entries, or those next to a
 * sequence number. Throws NOT_FOUND.
 */
export async function findLogWindow(
  db: Database,
  projectId: string,
  { runId, caseIndex, attempt, before, after, limit }: LogPlace,
): Promise<LogWindow> {
  // The head comes first, so that a stream that goes on after it misses nothing.
  const { seq: head } = await getRun(db, projectId, runId);
  const isForward = after !== undefined;
  const place = isForward ? sql`seq > ${after}` : sql`seq < ${before ?? head + 1}`;
  const scope = sql`${caseIndex === undefined ? sql`true` : sql`case_index = ${caseIndex}`}
    and ${attempt === undefined ? sql`true` : sql`attempt = ${attempt}`}`;
  const { rows } = await sql<{ seq: number; at: string; payload: object }>`
    select seq, at, payload from run_events where run_id = ${runId} and ${isOfLog} and ${place} and ${scope}
    order by seq ${isForward ? sql`asc` : sql`desc`} limit ${limit + 1}`.execute(db);
  const items = upToText(rows.slice(0, limit).map(({ seq, at, payload }) => ({ seq, at, ...payload }) as RunEvent));
  const hasMore = rows.length > items.length;
  if (!isForward) items.reverse();
  return {
    items,
    hasEarlier: isForward
      ? after > 0 && (await hasAny(db, sql`run_id = ${runId} and ${isOfLog} and seq <= ${after} and ${scope}`))
      : hasMore,
    hasLater: isForward ? hasMore : before !== undefined && before <= head,
    head,
  };
}

/** The first entries, as long as their text together is not too long, and at least one. */
function upToText(entries: RunEvent[]): RunEvent[] {
  let length = 0;
  const end = entries.findIndex((entry, index) => {
    if (entry.type === 'log') length += entry.text.length;
    return index > 0 && length > mostText;
  });
  return end === -1 ? entries : entries.slice(0, end);
}

async function hasAny(db: Database, condition: RawBuilder<unknown>): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (select from run_events where ${condition}) as found`.execute(db);
  return rows[0]!.found;
}
