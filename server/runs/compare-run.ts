import { type RawBuilder, sql } from 'kysely';
import type { RunSummary } from '#shared/events.ts';
import { type Change, changes, slowerBy } from '#shared/run-changes.ts';
import { comparableStatuses, failedTestStatuses, type RunStatus, type TestStatus } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { findBaseBranch, findNewestOfBranch } from './base-branch.ts';
import { findRun, getRun } from './queries.ts';
import { runColumns, type RunRow, sourceOf, toRunSummary } from './run-state.ts';

export interface ComparedTest {
  change: Change;
  caseId: string;
  /** Index of the case in this run; null for one that was removed. */
  index: number | null;
  /** In the other run; null for one that has no result there. */
  previousIndex: number | null;
  /** Position of the script in this run; null in a run of a suite. */
  position: number | null;
  testId: string | null;
  /** Of the script or file. */
  name: string;
  /** Title of the Playwright `test()`; null when the script ran no `test()`. */
  title: string | null;
  /** Name of the Playwright project; empty for the only one. */
  project: string;
  /** Null for one that was removed. */
  status: TestStatus | null;
  quarantined: boolean;
  /** Milliseconds; null when unknown. */
  duration: number | null;
  previousDuration: number | null;
}

export interface Comparison {
  /** The run that this one is compared with; null when there is none. */
  previous: RunSummary | null;
  /** Of the suite; null where it has none, and for a run without a suite or a branch. */
  baseBranch: string | null;
  /** By change, and the first of each, as many as were asked for. */
  items: ComparedTest[];
  /** How many cases each change has, those in quarantine included. */
  counts: Record<Change, number>;
  /** Those in quarantine are not counted. */
  newlyFailed: number;
  fixed: number;
  unchanged: number;
}

/**
 * What changed, case by case, since another run: the one that is asked for (`withId`); else, for a run of a suite on a branch, the
 * newest finished run of the base branch; else the run before (see `findPreviousVerdict`). While the run is not over, only cases that
 * have ended are compared. Throws NOT_FOUND, and BAD_REQUEST when the runs cannot be compared.
 */
export async function compareRun(
  db: Database,
  projectId: string,
  { runId, withId, limit }: { runId: string; withId?: string | undefined; limit: number },
): Promise<Comparison> {
  const run = await getRun(db, projectId, runId);
  const baseBranch = await findBaseBranch(db, run);
  const previous = await findOther(db, run, { withId, baseBranch });
  const groups = previous ? await findChanges(db, run, previous, limit) : [];
  const of = (change: Change | 'unchanged') => groups.filter((it) => it.change === change);
  const count = (change: Change | 'unchanged') => of(change)[0]?.count ?? 0;
  return {
    previous: previous ? toRunSummary(previous) : null,
    baseBranch,
    items: changes.flatMap((change) =>
      of(change)
        .slice(0, limit)
        .map(({ count: _, counted: __, ...item }) => ({ ...item, change })),
    ),
    counts: Object.fromEntries(changes.map((change) => [change, count(change)])) as Record<Change, number>,
    newlyFailed: of('newly_failed')[0]?.counted ?? 0,
    fixed: of('fixed')[0]?.counted ?? 0,
    unchanged: count('unchanged'),
  };
}

function findOther(
  db: Database,
  run: RunRow,
  { withId, baseBranch }: { withId: string | undefined; baseBranch: string | null },
): Promise<RunRow | undefined> {
  if (withId !== undefined) return getComparable(db, run, withId);
  return baseBranch !== null && baseBranch !== run.branch
    ? findNewestOfBranch(db, run, baseBranch)
    : findPreviousVerdict(db, run);
}

const isComparable = (status: RunStatus) => comparableStatuses.some((it) => it === status);

async function getComparable(db: Database, run: RunRow, withId: string): Promise<RunRow> {
  const refuse = (why: string): never => {
    throw new AppError('BAD_REQUEST', why, { field: 'with' });
  };
  const other = await findRun(db, run.projectId, withId);
  if (!other) return refuse(`There is no run ${withId} to compare with: it may have been removed.`);
  const isOfSame = run.suiteId === null ? sourceOf(run).id === sourceOf(other).id : run.suiteId === other.suiteId;
  if (!isOfSame || other.id === run.id) return refuse(`A run is compared with another run of the same ${run.kind}.`);
  if (!isComparable(other.status) || other.partial)
    return refuse(
      'A run is compared with one of all cases that passed, failed or timed out: others have no result for each case.',
    );
  return other;
}

/**
 * The newest earlier run of the same test, job or suite that passed, failed or timed out: of the same branch, or of any if that has
 * none.
 */
export async function findPreviousVerdict(db: Database, run: RunRow): Promise<RunRow | undefined> {
  const ofBranch = run.branch === null ? undefined : await findPrevious(db, run, run.branch);
  return ofBranch ?? findPrevious(db, run);
}

function findPrevious(db: Database, run: RunRow, branch?: string): Promise<RunRow | undefined> {
  const { column, id } = sourceOf(run);
  return db
    .selectFrom('runs')
    .select(runColumns)
    .where('projectId', '=', run.projectId)
    .where(column, '=', id)
    .$if(branch !== undefined, (query) => query.where('branch', '=', branch!))
    .where('id', '<', run.id)
    .where('status', 'in', comparableStatuses)
    .where('partial', '=', false)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

const failed = (of: string) => sql`${sql.ref(`${of}.status`)} in (${sql.join(failedTestStatuses)})`;

/** Cases with these statuses have a result of their own. */
const comparable = sql`status in ('passed', ${sql.join(failedTestStatuses)})`;

/** Of a case that has a result in `now`. The first that is so counts. */
const changeOf: Record<Exclude<Change, 'removed'>, RawBuilder<unknown>> = {
  newly_failed: sql`${failed('now')} and (before.status is null or before.status = 'passed')`,
  still_failing: failed('now'),
  fixed: failed('before'),
  newly_flaky: sql`now.flaky and before.flaky is distinct from true`,
  new: sql`before.status is null`,
  slower: isSlower('now', 'before'),
  faster: isSlower('before', 'now'),
};

function isSlower(one: string, other: string): RawBuilder<unknown> {
  const [slow, fast] = [sql.ref(`${one}.duration_ms`), sql.ref(`${other}.duration_ms`)];
  return sql`${slow} >= ${fast} * ${slowerBy.factor} and ${slow} >= ${fast} + ${slowerBy.ms}`;
}

type Found = Omit<ComparedTest, 'change'> & {
  change: Change | 'unchanged';
  /** Cases with this change; `counted`: not in quarantine. */
  count: number;
  counted: number;
};

/**
 * The first `most` cases of each change, at least one, and one that stands for those that are unchanged. Cases are removed if a run of all
 * cases with a result for each does not list them.
 */
async function findChanges(db: Database, run: RunRow, previous: RunRow, most: number): Promise<Found[]> {
  const listsAll = isComparable(run.status) && !run.partial;
  const conditions = Object.entries(changeOf).map(([change, condition]) => sql`when ${condition} then ${change}`);
  const { rows } = await sql<Found>`
    with listed as materialized (
      select index, case_id, position, is_script, status, flaky, quarantined, duration_ms from run_cases
      where run_id = ${run.id}
    ), before as materialized (
      select distinct on (case_id) index, case_id, position, is_script, status, flaky, duration_ms from run_cases
      where run_id = ${previous.id} and ${comparable} order by case_id, index
    ), compared as (
      select case ${sql.join(conditions, sql` `)} else 'unchanged' end as change, now.case_id, now.index,
        before.index as previous_index, now.position, now.is_script, now.status, now.quarantined,
        now.duration_ms as duration, before.duration_ms as previous_duration
      from (select * from listed where ${comparable}) as now left join before on before.case_id = now.case_id
      union all
      select 'removed', case_id, null, index, position, is_script, null, false, null, duration_ms from before
      where ${listsAll} and not exists (select from listed where listed.case_id = before.case_id)
    ), ranked as (
      select *, row_number() over (partition by change order by coalesce(index, previous_index)) as place,
        (count(*) over (partition by change))::int as count,
        (count(*) filter (where not quarantined) over (partition by change))::int as counted
      from compared
    )
    select ranked.change, case_id, ranked.index, previous_index,
      case when ranked.index is not null then ranked.position end as position, script.test_id,
      coalesce(script.name, cases.file) as name, case when not is_script then cases.title end as title, cases.project,
      ranked.status, quarantined, duration, previous_duration, count, counted
    from ranked join cases on cases.id = case_id
    left join run_tests as script on script.position = ranked.position
      and script.run_id = case when ranked.index is null then ${previous.id}::uuid else ${run.id}::uuid end
    where place <= case change when 'unchanged' then 1 else greatest(1, ${most}::int) end
    order by place`.execute(db);
  return rows;
}

/** The indexes of cases that failed, quarantined ones left out, and did not in the run before; `all` without such a run. */
export async function findNewlyFailed(db: Database, run: RunRow): Promise<ReadonlySet<number> | 'all'> {
  const previous = await findPreviousVerdict(db, run);
  if (!previous) return 'all';
  const found = await findChanges(db, run, previous, run.total);
  return new Set(found.flatMap((it) => (it.change === 'newly_failed' && !it.quarantined ? (it.index ?? []) : [])));
}
