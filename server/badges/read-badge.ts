import { sql } from 'kysely';
import { liveStatuses, type RunStatus } from '#shared/run-status.ts';
import type { RunCounts } from '#shared/verdict-text.ts';
import type { Database } from '#server/db/database.ts';
import { countCases } from '#server/runs/case-counts.ts';

/** What a badge shows. */
export interface BadgeContent {
  name: string;
  branch: string | null;
  /** The newest run that gave a result, or else the newest that is not over. Null: nothing has run. */
  newest: RunCounts | null;
}

const verdicts = ['passed', 'failed', 'timed_out', 'error'] as const satisfies readonly RunStatus[];

/** Undefined: there is no badge with this token. */
export async function readBadge(db: Database, token: string): Promise<BadgeContent | undefined> {
  const badge = await db
    .selectFrom('badges')
    .leftJoin('tests', 'tests.id', 'badges.testId')
    .leftJoin('jobs', 'jobs.id', 'badges.jobId')
    .leftJoin('suites', 'suites.id', 'badges.suiteId')
    .select(['badges.testId', 'badges.jobId', 'badges.suiteId', 'branch'])
    .select((eb) => eb.fn.coalesce('tests.name', 'jobs.name', 'suites.name').as('name'))
    .where('token', '=', token)
    .executeTakeFirst();
  if (!badge) return undefined;
  const { name, branch, testId, jobId, suiteId } = badge;
  const find = (statuses: readonly RunStatus[]) => {
    if (testId !== null) return findRunOfTest(db, { testId, branch }, statuses);
    const [column, id] = jobId !== null ? (['jobId', jobId] as const) : (['suiteId', suiteId!] as const);
    return findRun(db, { column, id, branch }, statuses);
  };
  return { name: name!, branch, newest: (await find(verdicts)) ?? (await find(liveStatuses)) ?? null };
}

/** As in histories, a run of some cases alone says nothing of the whole. */
function findRun(
  db: Database,
  { column, id, branch }: { column: 'jobId' | 'suiteId'; id: string; branch: string | null },
  statuses: readonly RunStatus[],
): Promise<RunCounts | undefined> {
  return db
    .selectFrom('runs')
    .select(['status', 'total', 'passed', 'failed', 'skipped', 'notRun', 'flaky', 'quarantined'])
    .where(column, '=', id)
    .where('partial', '=', false)
    .where('status', 'in', statuses)
    .$if(branch !== null, (query) => query.where('branch', '=', branch))
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** Also in a run of a job, where the test has a result of its own. */
async function findRunOfTest(
  db: Database,
  { testId, branch }: { testId: string; branch: string | null },
  statuses: readonly RunStatus[],
): Promise<RunCounts | undefined> {
  const { rows } = await sql<{ runId: string; position: number; status: RunStatus }>`
    select run_id, position, status from (
      select part.run_id, part.position, case run.kind when 'test' then run.status else part.status end as status
      from run_tests as part join runs as run on run.id = part.run_id
      where part.test_id = ${testId} and part.choice is null
        ${branch === null ? sql`` : sql`and run.branch = ${branch}`}
    ) as result
    where status in (${sql.join(statuses)}) order by run_id desc, position limit 1`.execute(db);
  const [newest] = rows;
  if (!newest) return undefined;
  const { runId, position, status } = newest;
  return { status, ...(await countCases(db, runId, { position })) };
}
