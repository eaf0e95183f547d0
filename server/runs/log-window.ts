import { sql } from 'kysely';
import type { RunEvent } from '#shared/events.ts';
import type { Database } from '#server/db/database.ts';
import { getRun } from './queries.ts';

export interface LogWindow {
  /** In order. */
  items: RunEvent[];
  /** There are entries before the first of these. */
  hasEarlier: boolean;
  /** There are entries after the last of these. */
  hasLater: boolean;
  /** The highest sequence number of the run's whole log: a stream of `runs.onEvents` goes on after it. */
  head: number;
}

/** In the words of the index `run_events_of_log`, so that steps, which are most of a log, are not looked at. */
const isOfLog = sql`type in ('status', 'part', 'case', 'log')`;

/**
 * A window of what a run's log shows as text: output, cases, parts and states of the run. The newest entries, or those that
 * are next to a sequence number. Throws NOT_FOUND.
 */
export async function findLogWindow(
  db: Database,
  projectId: string,
  {
    runId,
    before,
    after,
    limit,
  }: { runId: string; before?: number | undefined; after?: number | undefined; limit: number },
): Promise<LogWindow> {
  // The head comes first, so that a stream that goes on after it misses nothing.
  const { seq: head } = await getRun(db, projectId, runId);
  const isForward = after !== undefined;
  const place = isForward ? sql`seq > ${after}` : sql`seq < ${before ?? head + 1}`;
  const { rows } = await sql<{ seq: number; at: string; payload: object }>`
    select seq, at, payload from run_events where run_id = ${runId} and ${isOfLog} and ${place}
    order by seq ${isForward ? sql`asc` : sql`desc`} limit ${limit + 1}`.execute(db);
  const hasMore = rows.length > limit;
  const items = rows.slice(0, limit).map(({ seq, at, payload }) => ({ seq, at, ...payload }) as RunEvent);
  if (!isForward) items.reverse();
  return {
    items,
    hasEarlier: isForward ? after > 0 : hasMore,
    hasLater: isForward ? hasMore : before !== undefined && before <= head,
    head,
  };
}
