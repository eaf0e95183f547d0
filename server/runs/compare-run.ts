import { sql } from 'kysely';
import type { RunSummary } from '#shared/events.ts';
import {
  comparableStatuses,
  failedTestStatuses,
  isFailedTest,
  isTerminal,
  type TestStatus,
} from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { getRun } from './queries.ts';
import { runColumns, type RunRow, sourceOf, toRunSummary } from './run-state.ts';

export type Change = 'newly_failed' | 'still_failing' | 'fixed' | 'slower' | 'faster' | 'new';

export interface ComparedTest {
  change: Change;
  /** Index of the case in this run. */
  index: number;
  caseId: string;
  /** Position of the script in this run; null in a run of a suite. */
  position: number | null;
  testId: string | null;
  /** Of the script or file. */
  name: string;
  /** Title of the Playwright `test()`; null when the script ran no `test()`. */
  title: string | null;
  status: TestStatus;
  quarantined: boolean;
  /** Milliseconds; null when unknown. */
  duration: number | null;
  previousDuration: number | null;
}

export interface Comparison {
  /** Null when no earlier run can be compared. */
  previous: RunSummary | null;
  /** The first 1,000. */
  items: ComparedTest[];
  /** Of all cases; those in quarantine are not counted. */
  newlyFailed: number;
  fixed: number;
  unchanged: number;
  /** Cases of the previous run that are not in this one; 0 until this one is over, and for a run of some cases alone. */
  missing: number;
}

const maxItems = 1_000;

interface Result extends Omit<ComparedTest, 'change'> {
  previousStatus: TestStatus | null;
}

/** A test is slower or faster when the durations differ by `ms` and by `part` of the shorter one. */
const noticeable = { ms: 500, part: 0.25 };

const order: readonly Change[] = ['newly_failed', 'still_failing', 'fixed', 'slower', 'faster', 'new'];

/**
 * What changed, case by case, since the newest earlier run of the same test, job or suite (on the same branch, if that has
 * any) that passed, failed or timed out. While the run is not over, only cases that have ended are compared. Throws
 * NOT_FOUND.
 */
export async function compareRun(db: Database, projectId: string, runId: string): Promise<Comparison> {
  const run = await getRun(db, projectId, runId);
  const previous = await findPreviousVerdict(db, run);
  if (!previous) return { previous: null, items: [], newlyFailed: 0, fixed: 0, unchanged: 0, missing: 0 };
  const [results, missing] = await Promise.all([
    findResults(db, runId, previous.id),
    isTerminal(run.status) && !run.partial ? countMissing(db, runId, previous.id) : 0,
  ]);
  const items = results.flatMap(({ previousStatus, ...result }) => {
    const change = changeOf(result, previousStatus);
    return change === null ? [] : [{ ...result, change }];
  });
  const count = (change: Change) => items.filter((it) => it.change === change && !it.quarantined).length;
  return {
    previous: toRunSummary(previous),
    items: items
      .toSorted((a, b) => order.indexOf(a.change) - order.indexOf(b.change) || a.index - b.index)
      .slice(0, maxItems),
    newlyFailed: count('newly_failed'),
    fixed: count('fixed'),
    unchanged: results.length - items.length,
    missing,
  };
}

/** Of the same branch, or of any if that has none. */
async function findPreviousVerdict(db: Database, run: RunRow): Promise<RunRow | undefined> {
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

/** Cases with these statuses have a result of their own. */
const comparable = sql`status in ('passed', ${sql.join(failedTestStatuses)})`;

/** The result of every case that passed or failed, and that of the same case in the previous run. */
async function findResults(db: Database, runId: string, previousId: string): Promise<Result[]> {
  const { rows } = await sql<Result>`
    with results as (select * from run_cases where run_id = ${runId} and ${comparable}),
    before as (
      select distinct on (case_id) case_id, status, duration_ms from run_cases
      where run_id = ${previousId} and ${comparable} order by case_id, index
    )
    select results.index, results.case_id, results.position, run_tests.test_id,
      coalesce(run_tests.name, cases.file) as name, case when not is_script then cases.title end as title,
      results.status, quarantined, results.duration_ms as duration, before.status as previous_status,
      before.duration_ms as previous_duration
    from results join cases on cases.id = results.case_id
    left join run_tests on run_tests.run_id = ${runId} and run_tests.position = results.position
    left join before on before.case_id = results.case_id`.execute(db);
  return rows;
}

async function countMissing(db: Database, runId: string, previousId: string): Promise<number> {
  const { rows } = await sql<{ missing: number }>`
    select count(distinct case_id) as missing from run_cases
    where run_id = ${previousId} and ${comparable}
      and case_id not in (select case_id from run_cases where run_id = ${runId} and ${comparable})`.execute(db);
  return rows[0]!.missing;
}

function changeOf(now: Omit<Result, 'previousStatus'>, previousStatus: TestStatus | null): Change | null {
  const hasFailed = previousStatus !== null && isFailedTest(previousStatus);
  if (isFailedTest(now.status)) return hasFailed ? 'still_failing' : 'newly_failed';
  if (previousStatus === null) return 'new';
  if (hasFailed) return 'fixed';
  if (now.duration === null || now.previousDuration === null) return null;
  const difference = now.duration - now.previousDuration;
  const threshold = Math.max(noticeable.ms, noticeable.part * Math.min(now.duration, now.previousDuration));
  if (Math.abs(difference) < threshold) return null;
  return difference > 0 ? 'slower' : 'faster';
}
