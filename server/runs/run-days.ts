import { sql } from 'kysely';
import { isFailure, isSuccess } from '#shared/run-status.ts';
import type { Database, Trx } from '#server/db/database.ts';
import type { RunRow } from './run-state.ts';

export interface RunDay {
  /** In UTC, as `2026-01-31`. */
  day: string;
  passed: number;
  failed: number;
  /** Cases of the runs that are flaky. */
  flaky: number;
}

/**
 * Adds a run that has ended to the numbers of its day, in the transaction that ends it. Cancelled runs and those of some cases
 * alone do not count.
 */
export async function countRunDay(trx: Trx, run: RunRow): Promise<void> {
  const passed = isSuccess(run.status) ? 1 : 0;
  const failed = isFailure(run.status) ? 1 : 0;
  if (passed + failed === 0 || run.partial) return;
  await sql`
    insert into run_days (project_id, day, passed, failed, flaky)
    values (${run.projectId}, (now() at time zone 'UTC')::date, ${passed}, ${failed}, ${run.flaky})
    on conflict (project_id, day) do update set passed = run_days.passed + excluded.passed,
      failed = run_days.failed + excluded.failed, flaky = run_days.flaky + excluded.flaky`.execute(trx);
}

/** The last `days` days, the oldest first; days without a run have zeros. */
export async function findRunDays(db: Database, projectId: string, days: number): Promise<RunDay[]> {
  const { rows } = await sql<RunDay>`
    select to_char(series.day, 'YYYY-MM-DD') as day, coalesce(counted.passed, 0) as passed,
      coalesce(counted.failed, 0) as failed, coalesce(counted.flaky, 0) as flaky
    from generate_series(0, ${days - 1}::int) as back(days)
    cross join lateral (select (now() at time zone 'UTC')::date - back.days as day) as series
    left join run_days as counted on counted.project_id = ${projectId} and counted.day = series.day
    order by series.day`.execute(db);
  return rows;
}

/** Of all projects. */
export async function countRunsOfToday(db: Database): Promise<Record<'passed' | 'failed' | 'flaky', number>> {
  const { rows } = await sql<Record<'passed' | 'failed' | 'flaky', number>>`
    select coalesce(sum(passed), 0)::int as passed, coalesce(sum(failed), 0)::int as failed,
      coalesce(sum(flaky), 0)::int as flaky
    from run_days where day = (now() at time zone 'UTC')::date`.execute(db);
  return rows[0]!;
}
