import { sql } from 'kysely';
import { unsuccessfulTestStatuses } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { getRun } from './queries.ts';

/** The failures of a run that have one cause. */
export interface ErrorGroup {
  fingerprint: string;
  /** Of the first of the cases. May hold ANSI colour codes. */
  message: string;
  /** Cases of the run that failed so. */
  count: number;
  /** Names of files or scripts, in order. */
  files: string[];
  /** Of the first 100 cases. */
  indexes: number[];
  /** The first earlier run of the project with a failure of this cause; null if this run is the first. */
  firstSeen: { runId: string; at: string } | null;
}

/** UTF-16 units. */
const messageLength = 4_000;
/** Of cases and of files that a group names. */
const maxNamed = 100;
const maxGroups = 200;

/** The failures of a run by their causes, the most frequent first. Throws NOT_FOUND. */
export async function findErrorGroups(
  db: Database,
  projectId: string,
  runId: string,
): Promise<{ items: ErrorGroup[] }> {
  await getRun(db, projectId, runId);
  const { rows } = await sql<Omit<ErrorGroup, 'firstSeen'> & { firstRunId: string | null; firstAt: string | null }>`
    with failed as (
      select index, coalesce(fingerprint, md5(error->>'message')) as fingerprint, position, case_id
      from run_cases
      where run_id = ${runId} and status in (${sql.join(unsuccessfulTestStatuses)}) and jsonb_typeof(error) = 'object'
    ), grouped as (
      select fingerprint, count(*)::integer as count, min(index) as first,
        (array_agg(index order by index))[1:${sql.lit(maxNamed)}] as indexes
      from failed group by fingerprint order by count desc, first limit ${maxGroups}
    )
    select fingerprint, count, indexes, (
        select left(error->>'message', ${messageLength}) from run_cases where run_id = ${runId} and index = first
      ) as message, (
        select (array_agg(distinct coalesce(run_tests.name, cases.file)))[1:${sql.lit(maxNamed)}]
        from failed join cases on cases.id = case_id
        left join run_tests on run_tests.run_id = ${runId} and run_tests.position = failed.position
        where failed.fingerprint = grouped.fingerprint
      ) as files, earlier.id as first_run_id, earlier.queued_at as first_at
    from grouped left join lateral (
      select runs.id, runs.queued_at from run_cases join runs on runs.id = run_id
      where run_cases.fingerprint = grouped.fingerprint and run_id < ${runId} order by run_id limit 1
    ) as earlier on true
    order by count desc, first`.execute(db);
  return {
    items: rows.map(({ firstRunId, firstAt, ...group }) => ({
      ...group,
      firstSeen: firstRunId === null ? null : { runId: firstRunId, at: firstAt! },
    })),
  };
}
