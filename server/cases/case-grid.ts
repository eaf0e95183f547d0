import { sql } from 'kysely';
import type { RunStatus, TestStatus } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';

/** Cases that the grid shows at most. */
const mostCases = 100;

export interface GridResult {
  runId: string;
  /** Index of the case in that run. */
  index: number;
  status: TestStatus;
  flaky: boolean;
  quarantined: boolean;
  duration: number | null;
}

interface Row {
  caseId: string;
  title: string;
  testName: string | null;
  /** Relative to Playwright's `rootDir`; empty for a script. */
  file: string;
  /** Name of the Playwright project; empty for the only one. */
  project: string;
  total: number;
  results: GridResult[];
}

/** Names a job or a suite. */
export interface GridFilter {
  jobId?: string | undefined;
  suiteId?: string | undefined;
  branch?: string | undefined;
  limit: number;
}

/**
 * The last runs of a job or of a suite (on a branch), newest first, and the results of its cases in them, cases with failures
 * first. `total` counts all cases of those runs. Empty for one of another project.
 */
export async function getCaseGrid(db: Database, projectId: string, { jobId, suiteId, branch, limit }: GridFilter) {
  const runs = await db
    .selectFrom('runs')
    .select(['id as runId', 'status', 'queuedAt'])
    .where(suiteId === undefined ? 'jobId' : 'suiteId', '=', suiteId ?? jobId ?? null)
    .$if(branch !== undefined, (query) => query.where('branch', '=', branch!))
    .where('projectId', '=', projectId)
    // Such a run has one case many times.
    .where('repeats', 'is', null)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  const ids = runs.map(({ runId }) => runId);
  const { rows } = await sql<Row>`
    with cells as materialized (
      select case_id, run_id, index, status, flaky, quarantined, duration_ms from run_cases
      where run_id = any(${ids}::uuid[])
    ),
    shown as (
      select case_id, count(*) filter (where status in ('failed', 'timed_out') or flaky) as troubles,
        count(*) over () as total,
        json_agg(json_build_object('runId', run_id, 'index', index, 'status', status, 'flaky', flaky,
          'quarantined', quarantined, 'duration', duration_ms) order by run_id desc, index) as results
      from cells group by case_id order by troubles desc, case_id limit ${mostCases}
    )
    select shown.case_id, coalesce(nullif(subject.title, ''), test.name, '') as title, test.name as test_name,
      subject.file, subject.project, shown.total, shown.results
    from shown join cases as subject on subject.id = shown.case_id
    left join tests as test on test.id = subject.test_id
    order by shown.troubles desc, shown.case_id`.execute(db);
  return {
    runs: runs satisfies { runId: string; status: RunStatus; queuedAt: string }[],
    items: rows.map(({ total: _, ...row }) => row),
    total: rows[0]?.total ?? 0,
  };
}
