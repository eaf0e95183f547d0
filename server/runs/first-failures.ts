import { sql } from 'kysely';
import { failedTestStatuses } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { findBaseBranch, findNewestOfBranch } from './base-branch.ts';
import { getRun } from './queries.ts';
import { type RunRow, sourceOf } from './run-state.ts';

/** Since when a case fails that failed in a run. */
export interface FirstFailure {
  /** Of the case in the run. */
  index: number;
  /** The first run on the branch in which it failed and has not passed since; may be the run itself. */
  first: { runId: string; index: number; commitSha: string | null; at: string };
  /** Runs in which it failed after that one, up to this run; 0: this run is the first. */
  runsAgo: number;
  /** It passed in a run before the first. False: it has never passed on the branch, as far back as is looked. */
  hasPassed: boolean;
  /** The branch has more runs than are looked at, and it passed in none of these: the first failure may be older. */
  mayBeOlder: boolean;
  /** It fails in the newest finished run of the base branch, too. */
  onBase: { runId: string; index: number } | null;
}

/** Runs of the branch that are looked at. */
const lookedAt = 200;

/**
 * Since when cases fail that failed in a run, among the runs of the same test, job or suite on its branch; others are left out.
 * `baseBranch` is null for a run on that branch. Throws NOT_FOUND.
 */
export async function findFirstFailures(
  db: Database,
  projectId: string,
  { runId, indexes }: { runId: string; indexes: readonly number[] },
): Promise<{ branch: string | null; baseBranch: string | null; items: FirstFailure[] }> {
  const run = await getRun(db, projectId, runId);
  const { branch } = run;
  const found = await findBaseBranch(db, run);
  const baseBranch = found === branch ? null : found;
  const base = baseBranch === null ? undefined : await findNewestOfBranch(db, run, baseBranch);
  return { branch, baseBranch, items: await findStreaks(db, run, indexes, base?.id ?? null) };
}

async function findStreaks(db: Database, run: RunRow, indexes: readonly number[], baseId: string | null) {
  const { column, id } = run.suiteId === null ? sourceOf(run) : ({ column: 'suiteId', id: run.suiteId } as const);
  const onBranch = run.branch === null ? sql`branch is null` : sql`branch = ${run.branch}`;
  const isFailure = sql`status in (${sql.join(failedTestStatuses)})`;
  const { rows } = await sql<{
    index: number;
    runId: string;
    firstIndex: number;
    commitSha: string | null;
    at: string;
    runsAgo: number;
    hasPassed: boolean;
    isFull: boolean;
    baseIndex: number | null;
  }>`
    with of_branch as materialized (
      select *, (row_number() over (order by id desc))::int - 1 as ago from (
        select id, commit_sha, coalesce(started_at, queued_at) as at from runs
        where ${sql.ref(column)} = ${id} and ${onBranch} and id <= ${run.id} order by id desc limit ${lookedAt}
      ) as newest
    ), failed as materialized (
      select index, case_id from run_cases
      where run_id = ${run.id} and index = any(${indexes}::integer[]) and ${isFailure} and repeat is null
    ), results as materialized (
      select failed.index as of_index, of_branch.*, result.index, result.status
      from failed cross join of_branch cross join lateral (
        select index, status from run_cases
        where case_id = failed.case_id and run_id = of_branch.id and repeat is null
          and (status = 'passed' or ${isFailure}) and (ago > 0 or run_cases.index = failed.index)
        order by index limit 1
      ) as result
    ), passed as (
      select of_index, min(ago) as ago from results where status = 'passed' group by of_index
    )
    select distinct on (failed.index) failed.index, results.id as run_id, results.index as first_index, commit_sha, at,
      (count(*) over (partition by failed.index))::int - 1 as runs_ago, passed.ago is not null as has_passed,
      (select count(*) from of_branch) = ${lookedAt} as is_full, (
        select run_cases.index from run_cases
        where case_id = failed.case_id and run_id = ${baseId}::uuid and repeat is null and ${isFailure} limit 1
      ) as base_index
    from failed join results on results.of_index = failed.index
    left join passed on passed.of_index = failed.index
    where passed.ago is null or results.ago < passed.ago
    order by failed.index, results.ago desc`.execute(db);
  return rows.map(
    ({ index, runId, firstIndex, commitSha, at, runsAgo, hasPassed, isFull, baseIndex }): FirstFailure => ({
      index,
      first: { runId, index: firstIndex, commitSha, at },
      runsAgo,
      hasPassed,
      mayBeOlder: !hasPassed && isFull,
      onBase: baseIndex === null ? null : { runId: baseId!, index: baseIndex },
    }),
  );
}
