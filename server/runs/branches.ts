import { sql } from 'kysely';
import type { RunStatus } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';

export type RunSource = { projectId: string } | { testId: string } | { jobId: string } | { suiteId: string };

/** The branches of this many newest runs are listed. */
const lookedAt = 5_000;
const mostBranches = 100;

/**
 * The branches of the last 5,000 runs of a test (including runs of jobs), of a job, of a suite or of a project, each with its
 * newest run, the latest first.
 */
export async function findBranches(db: Database, source: RunSource) {
  const { rows } = await sql<{ branch: string; runId: string; status: RunStatus; queuedAt: string }>`
    select * from (
      select distinct on (branch) branch, id as run_id, status, queued_at from (
        select run.id, run.branch, run.status, run.queued_at from ${runsOf(source)}
          and run.repeats is null order by run.id desc limit ${lookedAt}
      ) as newest
      where branch is not null order by branch, id desc
    ) as branches
    order by run_id desc limit ${mostBranches}`.execute(db);
  return rows;
}

function runsOf(source: RunSource) {
  if ('testId' in source)
    return sql`run_tests as part join runs as run on run.id = part.run_id where part.test_id = ${source.testId}`;
  if ('jobId' in source) return sql`runs as run where run.job_id = ${source.jobId}`;
  if ('suiteId' in source) return sql`runs as run where run.suite_id = ${source.suiteId}`;
  return sql`runs as run where run.project_id = ${source.projectId}`;
}
