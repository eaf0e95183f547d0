import { sql } from 'kysely';
import type { RunSummary } from '#shared/events.ts';
import { isTerminal, type TestStatus } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { getRun } from './queries.ts';
import { runColumns, type RunRow, toRunSummary } from './run-state.ts';

export type Change = 'newly_failed' | 'still_failing' | 'fixed' | 'slower' | 'faster' | 'new';

export interface ComparedTest {
  change: Change;
  /** Place of the test in this run. */
  position: number;
  testId: string | null;
  name: string;
  /** Of the Playwright `test()` in the script; null for a script that came to none. */
  title: string | null;
  status: TestStatus;
  /** Milliseconds; null when it is not known. */
  duration: number | null;
  previousDuration: number | null;
}

export interface Comparison {
  /** Null: this is the first run, or none before it came to a verdict. */
  previous: RunSummary | null;
  items: ComparedTest[];
  unchanged: number;
  /** Of the previous run, and not (or not yet) in this one. */
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

/** A test is slower or faster when its duration differs by this much, and by this part of the shorter one. */
const noticeable = { ms: 500, part: 0.25 };

const order: readonly Change[] = ['newly_failed', 'still_failing', 'fixed', 'slower', 'faster', 'new'];

/**
 * What changed, test by test, since the newest earlier run of the same test or job that passed, failed or timed out.
 * Of a run that is not over, the tests that have ended count. Throws NOT_FOUND.
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
    .where('status', 'in', ['passed', 'failed', 'timed_out'])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** How each Playwright test of a run ended that did, and each script that came to none. */
async function findResults(db: Database, runId: string): Promise<Result[]> {
  const [tests, cases] = await Promise.all([
    db
      .selectFrom('runTests')
      .select(['position', 'testId', 'name', 'status', 'durationMs as duration'])
      .where('runId', '=', runId)
      .orderBy('position')
      .execute(),
    // The last attempt of each: Playwright allows no title twice in a script.
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
    .filter(({ status }) => status === 'passed' || isBad(status));
}

const isBad = (status: TestStatus) => status === 'failed' || status === 'timed_out';

/** A script keeps its identity when it is renamed. */
const keyOf = ({ testId, name, title }: Result) => JSON.stringify([testId ?? name, title]);

function changeOf(now: Result, before: Result | undefined): Change | null {
  if (isBad(now.status)) return before && isBad(before.status) ? 'still_failing' : 'newly_failed';
  if (!before) return 'new';
  if (isBad(before.status)) return 'fixed';
  if (now.duration === null || before.duration === null) return null;
  const difference = now.duration - before.duration;
  const threshold = Math.max(noticeable.ms, noticeable.part * Math.min(now.duration, before.duration));
  if (Math.abs(difference) < threshold) return null;
  return difference > 0 ? 'slower' : 'faster';
}
