import { sql } from 'kysely';
import { comparableStatuses } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { runColumns, type RunRow } from './run-state.ts';

/**
 * The branch that other branches of a suite are compared with: the one in the suite's settings, else `main` or `master`, if it has
 * run. Null if there is none, and for a run without a branch or a suite.
 */
export async function findBaseBranch(db: Database, run: Pick<RunRow, 'suiteId' | 'branch'>): Promise<string | null> {
  if (run.suiteId === null || run.branch === null) return null;
  const { rows } = await sql<{ branch: string | null }>`
    select coalesce(suites.base_branch, (
      select usual.branch from (values (1, 'main'), (2, 'master')) as usual(place, branch)
      where exists (select from runs where suite_id = suites.id and branch = usual.branch) order by place limit 1
    )) as branch from suites where id = ${run.suiteId}`.execute(db);
  return rows[0]?.branch ?? null;
}

/**
 * The newest run of a suite on a branch with a result for each of its cases. Prefers runs of the same job as `run`. Undefined if
 * there is none.
 */
export async function findNewestOfBranch(db: Database, run: RunRow, branch: string): Promise<RunRow | undefined> {
  const newest = db
    .selectFrom('runs')
    .select(runColumns)
    .where('suiteId', '=', run.suiteId)
    .where('branch', '=', branch)
    .where('id', '<>', run.id)
    .where('status', 'in', comparableStatuses)
    .where('partial', '=', false)
    .orderBy('id', 'desc')
    .limit(1);
  const ofJob = newest.where('jobId', run.jobId === null ? 'is' : '=', run.jobId);
  return (await ofJob.executeTakeFirst()) ?? newest.executeTakeFirst();
}
