import { sql } from 'kysely';
import type { Failure, RunKind, Verdict } from '#shared/events.ts';
import { summarizeHistory } from '#shared/run-history.ts';
import { isFailure, isTerminal, type RunStatus, type TestStatus } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { firstLine } from './run-state.ts';

/** Verdicts that lists show for each item. */
const listed = 12;

interface Point {
  sourceId: string;
  runId: string;
  runStatus: RunStatus;
  /** Status of the test inside a run of a job; null in a run of the test itself. */
  testStatus: TestStatus | null;
  version: number;
  queuedAt: string;
  startedAt: string | null;
  duration: number | null;
  error: string | null;
}

/** As `isInHistory` in `shared/run-history.ts`, for `run`. */
const isInHistory = sql`(not run.partial and (run.status <> 'cancelled' or run.retry_of is null))`;

/** A part of a job may run a whole test. */
const isWhole = sql`(part.choice is null and (run.status <> 'cancelled' or run.retry_of is null))`;

/** The newest runs of each test (including runs of jobs), of each job or of each suite, newest first, in one query. */
async function findPoints(
  db: Database,
  kind: RunKind,
  ids: readonly string[],
  limit: number,
  branch?: string,
): Promise<Point[]> {
  if (ids.length === 0) return [];
  const ofRun = sql`run.id as run_id, run.status as run_status, run.version, run.queued_at, run.started_at`;
  const points =
    kind !== 'test'
      ? sql`
          select ${ofRun}, null as test_status, run.duration_ms as duration, left(run.error_details, 1000) as error
          from runs as run where ${kind === 'job' ? sql`run.job_id` : sql`run.suite_id`} = source.id and ${isInHistory}
            ${branch === undefined ? sql`` : sql`and run.branch = ${branch}`}
          order by run.id desc limit ${limit}`
      : sql`
          select ${ofRun}, case run.kind when 'job' then part.status end as test_status,
            coalesce(part.duration_ms, run.duration_ms) as duration,
            left(coalesce(part.error->>'message', run.error_details), 1000) as error
          from run_tests as part join runs as run on run.id = part.run_id
          where part.test_id = source.id and ${isWhole} and (run.kind = 'test' or part.status <> 'skipped')
          order by part.run_id desc, part.position limit ${limit}`;
  const { rows } = await sql<Point>`
    select source.id as source_id, point.* from unnest(${ids}::uuid[]) as source(id)
    cross join lateral (${points}) as point order by point.run_id desc`.execute(db);
  return rows;
}

function toVerdict({ runId, version, queuedAt, startedAt, duration, ...point }: Point): Verdict {
  return { runId, status: statusOf(point), version, queuedAt, startedAt, duration };
}

function statusOf({ testStatus, runStatus }: Pick<Point, 'testStatus' | 'runStatus'>): RunStatus {
  switch (testStatus) {
    case null:
      return runStatus;
    case 'running':
    case 'passed':
    case 'failed':
    case 'timed_out':
      return testStatus;
    case 'pending':
    case 'interrupted':
    case 'skipped':
      // The test did not end, so the verdict of the run is not the verdict of this test.
      if (!isTerminal(runStatus)) return 'queued';
      return runStatus === 'passed' || runStatus === 'failed' ? 'cancelled' : runStatus;
  }
}

function findFailure(points: readonly Point[]): Failure | null {
  const failed = points.find((point) => isFailure(statusOf(point)));
  return failed ? { ...toVerdict(failed), error: firstLine(failed.error) } : null;
}

/** For lists: the last runs of each id, newest first, and the newest failure among them. */
export async function findRecentVerdicts(db: Database, kind: RunKind, ids: readonly string[]) {
  const points = await findPoints(db, kind, ids, listed);
  return (id: string): { recentVerdicts: Verdict[]; lastFailure: Failure | null } => {
    const own = points.filter(({ sourceId }) => sourceId === id);
    return { recentVerdicts: own.map(toVerdict), lastFailure: findFailure(own) };
  };
}

/**
 * The last `limit` runs of a test (including runs of jobs), of a job, or of a suite (on a branch), newest first, with pass rate
 * and median.
 */
export async function getHistory(db: Database, kind: RunKind, id: string, limit: number, branch?: string) {
  const points = await findPoints(db, kind, [id], limit, branch);
  const verdicts = points.map(toVerdict);
  const { passRate, medianDuration } = summarizeHistory(verdicts);
  return { verdicts, passRate, medianDuration, lastFailure: findFailure(points) };
}
