import { type RawBuilder, sql } from 'kysely';
import type { RunEvent, RunEventBody } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { batchReads } from '#server/live/batch-reads.ts';
import type { LogPage } from '#server/live/follow-log.ts';

const pageSize = 1_000;

/** Which entries of a log are wanted. */
export interface LogFilter {
  /** Index of a case in the run. */
  caseIndex?: number | null | undefined;
  /** With `caseIndex`. */
  attempt?: number | null | undefined;
  types?: readonly RunEventBody['type'][] | null | undefined;
}

export type RunLogPage = LogPage<RunEvent> & { projectId: string };

/** True for the entries that the filter lets through. */
export function isWanted(event: RunEvent, { caseIndex, attempt, types }: LogFilter): boolean {
  if (types && !types.includes(event.type)) return false;
  if (caseIndex == null) return true;
  const index = event.type === 'case' ? event.index : 'caseIndex' in event ? event.caseIndex : undefined;
  return index === caseIndex && (attempt == null || ('attempt' in event && event.attempt === attempt));
}

interface Place extends LogFilter {
  runId: string;
  after: number;
}

/** Reads a page of a run's log after a sequence number; undefined if the run does not exist. All reads of one tick share one query. */
export function createLogReads(db: Database) {
  const readWhole = createPages(db, sql`true`);
  const readCase = createPages(
    db,
    sql`case_index = place.case_index and (place.attempt is null or attempt = place.attempt)`,
  );
  return (runId: string, after = 0, { caseIndex, attempt, types }: LogFilter = {}) => {
    const place: Place = { runId, after, caseIndex, attempt, types };
    return (caseIndex == null ? readWhole : readCase)(JSON.stringify(place));
  };
}

function createPages(db: Database, condition: RawBuilder<unknown>) {
  return batchReads(async (keys: string[]): Promise<Map<string, RunLogPage>> => {
    const places = keys.map((key) => JSON.parse(key) as Place);
    const runIds = places.map(({ runId }) => runId);
    // Heads are read first, so the entries that are read next include all up to the head.
    const runs = await db
      .selectFrom('runs')
      .select(['id', 'projectId', 'seq', 'status'])
      .where('id', '=', sql<string>`any(${[...new Set(runIds)]}::uuid[])`)
      .execute();
    const heads = new Map(runs.map((run) => [run.id, run]));
    const { rows } = await sql<{ n: number; seq: number; at: string; payload: object }>`
      select place.n, entry.seq, entry.at, entry.payload
      from unnest(${runIds}::uuid[], ${places.map(({ after }) => after)}::bigint[],
        ${places.map(({ caseIndex }) => caseIndex ?? null)}::integer[],
        ${places.map(({ attempt }) => attempt ?? null)}::integer[],
        ${places.map(({ types }) => types?.join() ?? null)}::text[])
        with ordinality as place(run_id, after, case_index, attempt, types, n)
      cross join lateral (
        select seq, at, payload from run_events
        where run_id = place.run_id and seq > place.after and ${condition}
          and (place.types is null or type = any(string_to_array(place.types, ',')))
        order by seq limit ${pageSize}
      ) as entry
      order by place.n, entry.seq`.execute(db);
    const items = keys.map((): RunEvent[] => []);
    for (const { n, seq, at, payload } of rows) items[n - 1]!.push({ seq, at, ...payload } as RunEvent);
    const pages = new Map<string, RunLogPage>();
    for (const [index, key] of keys.entries()) {
      const run = heads.get(runIds[index]!);
      if (!run) continue;
      const entries = items[index]!;
      pages.set(key, {
        projectId: run.projectId,
        items: entries,
        head: run.seq,
        more: entries.length === pageSize,
        ended: isTerminal(run.status),
      });
    }
    return pages;
    // Each key costs up to a page of rows, so at most 50 keys share a query.
  }, 50);
}
