import { sql } from 'kysely';
import type { RunEvent } from '#shared/events.ts';
import { isTerminal } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { batchReads } from '#server/live/batch-reads.ts';
import type { LogPage } from '#server/live/follow-log.ts';
import { runColumns, type RunRow } from './run-state.ts';

const logPageSize = 1_000;

export type RunReads = ReturnType<typeof createRunReads>;

/** Reads for streams of runs. All reads of one tick share one query. */
export function createRunReads(db: Database) {
  const byId = batchReads(async (ids: string[]) => {
    const runs = await db
      .selectFrom('runs')
      .select(runColumns)
      .where('id', '=', sql<string>`any(${ids}::uuid[])`)
      .execute();
    return new Map(runs.map((run) => [run.id, run]));
  });

  const newestOfTest = batchReads(async (testIds: string[]) => {
    const columns = sql.join(runColumns.map((column) => sql.ref(`runs.${column}`)));
    const { rows } = await sql<RunRow>`
      select run.* from unnest(${testIds}::uuid[]) as test(id)
      cross join lateral (select ${columns} from runs where test_id = test.id order by id desc limit 1) as run`.execute(
      db,
    );
    return new Map(rows.map((run) => [run.testId!, run]));
  });

  const logPage = batchReads(async (keys: string[]) => {
    const places = keys.map((key) => key.split(':') as [runId: string, after: string]);
    const runIds = places.map(([runId]) => runId);
    const afters = places.map(([, after]) => after);
    // Heads are read first, so the entries that are read next include all up to the head.
    const runs = await db
      .selectFrom('runs')
      .select(['id', 'projectId', 'seq', 'status'])
      .where('id', '=', sql<string>`any(${[...new Set(runIds)]}::uuid[])`)
      .execute();
    const heads = new Map(runs.map((run) => [run.id, run]));
    const { rows } = await sql<{ n: number; seq: number; at: string; payload: object }>`
      select place.n, entry.seq, entry.at, entry.payload
      from unnest(${runIds}::uuid[], ${afters}::bigint[]) with ordinality as place(run_id, after, n)
      cross join lateral (
        select seq, at, payload from run_events
        where run_id = place.run_id and seq > place.after order by seq limit ${logPageSize}
      ) as entry
      order by place.n, entry.seq`.execute(db);
    const items = keys.map((): RunEvent[] => []);
    for (const { n, seq, at, payload } of rows) items[n - 1]!.push({ seq, at, ...payload } as RunEvent);
    const pages = new Map<string, LogPage<RunEvent> & { projectId: string }>();
    for (const [index, key] of keys.entries()) {
      const run = heads.get(runIds[index]!);
      if (!run) continue;
      const entries = items[index]!;
      pages.set(key, {
        projectId: run.projectId,
        items: entries,
        head: run.seq,
        more: entries.length === logPageSize,
        ended: isTerminal(run.status),
      });
    }
    return pages;
    // Each key costs up to a page of rows, so at most 50 keys share a query.
  }, 50);

  return {
    byId,
    newestOfTest,
    /** A page of a run's log after a sequence number; undefined if the run does not exist. */
    log: (runId: string, after = 0) => logPage(`${runId}:${after}`),
  };
}
