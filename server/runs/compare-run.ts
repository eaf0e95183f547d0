import { sql } from 'kysely';
import type { RunSummary } from '#shared/events.ts';
import { comparableStatuses, isFailedTest, isTerminal, type TestStatus } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { getRun } from './queries.ts';
import { runColumns, type RunRow, toRunSummary } from './run-state.ts';

export type Change = 'newly_failed' | 'still_failing' | 'fixed' | 'slower' | 'faster' | 'new';

export interface ComparedTest {
  change: Change;
  /** Position of the script in this run. */
  position: number;
  testId: string | null;
  name: string;
  /** Title of the Playwright `test()`; null when the script ran no `test()`. */
  title: string | null;
  status: TestStatus;
  /** Milliseconds; null when unknown. */
  duration: number | null;
  previousDuration: number | null;
}

export interface Comparison {
  /** Null when no earlier run can be compared. */
  previous: RunSummary | null;
  items: ComparedTest[];
  unchanged: number;
  /** Tests of the previous run that are not in this one; 0 until this one is over. */
  missing: number;
}

interface Result {
  position: number;
  testId: string | null;
  name: string;
  title: string | null;
  status: TestStatus;
  duration: number | null;
}

/** A test is slower or faster when the durations differ by `ms` and by `part` of the shorter one. */
const noticeable = { ms: 500, part: 0.25 };

const order: readonly Change[] = ['newly_failed', 'still_failing', 'fixed', 'slower', 'faster', 'new'];

/**
 * What changed, test by test, since the newest earlier run of the same test or job that passed, failed or timed out.
 * While the run is not over, only tests that have ended are compared. Throws NOT_FOUND.
 */
export async function compareRun(db: Database, projectId: string, runId: string): Promise<Comparison> {
  const run = await getRun(db, projectId, runId);
  const previous = await findPreviousVerdict(db, run);
  if (!previous) return { previous: null, items: [], unchanged: 0, missing: 0 };
  const [results, before] = await Promise.all([findResults(db, runId), findResults(db, previous.id)]);
  const known = new Map(before.map((result) => [keyOf(result), result]));
  const compared = results.map((result) => {
    const earlier = known.get(keyOf(result));
    return { ...result, change: changeOf(result, earlier), previousDuration: earlier?.duration ?? null };
  });
  const here = new Set(results.map(keyOf));
  return {
    previous: toRunSummary(previous),
    items: compared
      .flatMap((result) => (result.change === null ? [] : [{ ...result, change: result.change }]))
      .sort((a, b) => order.indexOf(a.change) - order.indexOf(b.change) || a.position - b.position),
    unchanged: compared.filter(({ change }) => change === null).length,
    missing: isTerminal(run.status) ? before.filter((result) => !here.has(keyOf(result))).length : 0,
  };
}

function findPreviousVerdict(db: Database, run: RunRow): Promise<RunRow | undefined> {
  return db
    .selectFrom('runs')
    .select(runColumns)
    .where('projectId', '=', run.projectId)
    .where(run.testId ? 'testId' : 'jobId', '=', run.testId ?? run.jobId)
    .where('id', '<', run.id)
    .where('status', 'in', comparableStatuses)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The result of every Playwright `test()` that passed or failed, and of every script that ran none. */
async function findResults(db: Database, runId: string): Promise<Result[]> {
  const [tests, cases] = await Promise.all([
    db
      .selectFrom('runTests')
      .select(['position', 'testId', 'name', 'status', 'durationMs as duration'])
      .where('runId', '=', runId)
      .orderBy('position')
      .execute(),
    // The last attempt of each title: Playwright allows no title twice in a script.
    sql<{ position: number; title: string; status: TestStatus; duration: number | null }>`
      select distinct on (payload->'position', payload->>'title')
        (payload->>'position')::int as position, payload->>'title' as title,
        payload->>'status' as status, (payload->>'duration')::float8 as duration
      from run_events
      where run_id = ${runId} and type = 'step' and payload->>'category' = 'case' and payload->>'status' <> 'running'
      order by payload->'position', payload->>'title', seq desc`.execute(db),
  ]);
  return tests
    .flatMap((test): Result[] => {
      const own = cases.rows.filter(({ position }) => position === test.position);
      return own.length > 0 ? own.map((result) => ({ ...test, ...result })) : [{ ...test, title: null }];
    })
    .filter(({ status }) => status === 'passed' || isFailedTest(status));
}

/** Renaming a test keeps the key. */
const keyOf = ({ testId, name, title }: Result) => JSON.stringify([testId ?? name, title]);

function changeOf(now: Result, before: Result | undefined): Change | null {
  if (isFailedTest(now.status)) return before && isFailedTest(before.status) ? 'still_failing' : 'newly_failed';
  if (!before) return 'new';
  if (isFailedTest(before.status)) return 'fixed';
  if (now.duration === null || before.duration === null) return null;
  const difference = now.duration - before.duration;
  const threshold = Math.max(noticeable.ms, noticeable.part * Math.min(now.duration, before.duration));
  if (Math.abs(difference) < threshold) return null;
  return difference > 0 ? 'slower' : 'faster';
}
