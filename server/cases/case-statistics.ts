import { sql } from 'kysely';
import type { CaseSort } from '#shared/inputs.ts';
import { idsBetween } from '#server/db/cursor.ts';
import { storableText } from '#server/lib/storable-text.ts';
import type { CaseHead } from './case-queries.ts';

/** The newest results of a case that its statistics count: however many runs there are, a case costs the same. */
const mostResults = 50;
const dayMs = 24 * 3_600_000;

export interface StatisticsFilter {
  projectId: string;
  /** Days up to now. */
  window: number;
  testId?: string | undefined;
  suiteId?: string | undefined;
  /** Only results of its runs count. */
  branch?: string | undefined;
  search?: string | undefined;
}

export interface CaseStatistics {
  /** Results that passed or failed, at most the last 50. */
  runs: number;
  passed: number;
  /** Results that passed after a failed attempt, or were not like the one before of the same commit. */
  flaky: number;
  medianDuration: number | null;
  newestStatus: 'passed' | 'failed' | 'timed_out';
  newestRunId: string;
  /** The first of the failures in a row, if the newest result is one. */
  failingSinceRunId: string | null;
}

export type CaseWithStatistics = CaseHead & CaseStatistics;

/** The time in a uuid v7, in ms since 1970. */
const timeOf = (id: string) => sql`('x' || substr(replace(${sql.ref(id)}::text, '-', ''), 1, 12))::bit(48)::bigint`;

/** What each order sorts by, greatest first; null for cases that do not belong in it. */
export const ranks: Record<CaseSort, ReturnType<typeof sql>> = {
  flaky: sql`case when flaky > 0 then flaky::float8 / runs end`,
  slow: sql`median_duration`,
  failing: sql`${timeOf('failingSinceRunId')}::float8`,
  new: sql`case when created_at >= since then round(extract(epoch from created_at) * 1000)::float8 end`,
};

type Condition = ReturnType<typeof sql>;

const isJudged = (status: ReturnType<typeof sql>) => sql`${status} in ('passed', 'failed', 'timed_out')`;

/**
 * Holds for all cases that belong in one of these orders, and for few others: most cases have no failure. `first` is the
 * least id of a run in the window; `isCounted` holds for results of runs that count.
 */
function mayBelong(
  sorts: readonly CaseSort[],
  first: string,
  isCounted: (runId: Condition) => Condition,
): Condition | undefined {
  if (sorts.every((sort) => sort === 'failing'))
    return sql`(
      select status from run_cases as newest
      where newest.case_id = subject.id and newest.repeat is null and ${isCounted(sql`newest.run_id`)} and ${isJudged(sql`newest.status`)}
      order by newest.run_id desc, newest.index limit 1
    ) in ('failed', 'timed_out')`;
  if (!sorts.every((sort) => sort === 'flaky' || sort === 'failing')) return undefined;
  return sql`exists (
    select from run_cases as unsteady where unsteady.case_id = subject.id and unsteady.repeat is null
      and (unsteady.status in ('failed', 'timed_out') or unsteady.flaky) and ${isCounted(sql`unsteady.run_id`)}
      and unsteady.run_id >= coalesce((
        select run_id from run_cases as counted where counted.case_id = subject.id and counted.repeat is null
          and ${isCounted(sql`counted.run_id`)}
        order by counted.run_id desc, counted.index offset ${mostResults - 1} limit 1
      ), ${first})
  )`;
}

/**
 * A query for the statistics of a project's cases that have a result in the window, for some orders. Reads, by index, at
 * most 50 results of each case, or with a branch as many as it takes to find those.
 */
export function statisticsOf(
  { projectId, window, testId, suiteId, branch, search }: StatisticsFilter,
  sorts: readonly CaseSort[],
) {
  const since = new Date(Date.now() - window * dayMs).toISOString();
  const first = idsBetween.from(since);
  const ofBranch = sql`(select id from runs where project_id = ${projectId} and branch = ${branch} and id >= ${first})`;
  const isCounted = (runId: Condition) =>
    branch === undefined ? sql`${runId} >= ${first}` : sql`${runId} >= ${first} and ${runId} in ${ofBranch}`;
  const conditions = [sql`subject.project_id = ${projectId}`];
  if (testId) conditions.push(sql`subject.test_id = ${testId}`);
  if (suiteId) conditions.push(sql`subject.suite_id = ${suiteId}`);
  if (search?.trim()) conditions.push(matches(search.trim()));
  const isCandidate = mayBelong(sorts, first, isCounted);
  if (isCandidate) conditions.push(isCandidate);
  return sql`
    select subject.id as case_id, subject.created_at, ${since}::timestamptz as since, statistics.*
    from cases as subject
    cross join lateral (
      select count(*)::int as runs, (count(*) filter (where status = 'passed'))::int as passed,
        (count(*) filter (where flaky or differs))::int as flaky,
        percentile_disc(0.501) within group (order by duration_ms) as median_duration,
        (array_agg(status order by place))[1] as newest_status, (array_agg(run_id order by place))[1] as newest_run_id,
        (array_agg(run_id order by place desc) filter (where passes_since = 0))[1] as failing_since_run_id
      from (
        select status, flaky, duration_ms, run_id, row_number() over newest as place,
          commit is not null and (status = 'passed') <> lag(status = 'passed') over (
            partition by commit order by run_id, index desc
          ) as differs,
          count(*) filter (where status = 'passed') over newest as passes_since
        from (
          select *,
            -- Commits matter only to a case with both verdicts: most have passed.
            case when bool_and(status = 'passed') over () or not bool_or(status = 'passed') over () then null
              when subject.suite_id is null then (
                select script_hash::text from run_tests as script
                where script.run_id = newest.run_id and script.position = newest.position
              )
              else (select commit_sha from runs where runs.id = newest.run_id) end as commit
          from (
            select status, flaky, duration_ms, run_id, index, position from run_cases as result
            where result.case_id = subject.id and result.repeat is null and ${isCounted(sql`result.run_id`)}
            order by result.run_id desc, result.index limit ${mostResults}
          ) as newest
          where ${isJudged(sql`status`)}
        ) as judged_results
        window newest as (order by run_id desc, index)
      ) as judged
    ) as statistics
    where ${sql.join(conditions, sql` and `)} and statistics.runs > 0`;
}

/** `%` and `_` are literal. */
function matches(search: string) {
  return sql`position(lower(${storableText(search)}) in lower(
    subject.title || ' ' || subject.file || ' ' || coalesce((select name from tests where id = subject.test_id),
      (select name from suites where id = subject.suite_id), '')
  )) > 0`;
}
