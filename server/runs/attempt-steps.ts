import { sql } from 'kysely';
import type { RunEvent } from '#shared/events.ts';
import type { Database } from '#server/db/database.ts';
import { getRun } from './queries.ts';

/** Entries of an attempt that are answered; a loop of a script can take more steps than a page can show. */
const mostEntries = 20_000;

/**
 * The steps of an attempt of a case and its states, as the log has them; of more than 20,000, the first. `head` is the highest
 * sequence number of the run's whole log: a stream of `runs.onEvents` goes on after it. Throws NOT_FOUND.
 */
export async function findAttemptSteps(
  db: Database,
  projectId: string,
  { runId, caseIndex, attempt }: { runId: string; caseIndex: number; attempt: number },
): Promise<{ items: RunEvent[]; head: number }> {
  // The head comes first, so that a stream that goes on after it misses nothing.
  const { seq: head } = await getRun(db, projectId, runId);
  const { rows } = await sql<{ seq: number; at: string; payload: object }>`
    select seq, at, payload from run_events
    where run_id = ${runId} and case_index = ${caseIndex} and attempt = ${attempt} and type in ('step', 'case')
    order by seq limit ${mostEntries}`.execute(db);
  return { items: rows.map(({ seq, at, payload }) => ({ seq, at, ...payload }) as RunEvent), head };
}
