import { sql } from 'kysely';
import type { CaseSort } from '#shared/inputs.ts';
import { nextRankedCursor, parseRankedCursor } from '#server/db/cursor.ts';
import type { Database } from '#server/db/database.ts';
import { firstLine } from '#server/runs/run-state.ts';
import { headColumns, headJoins, toHead } from './case-queries.ts';
import {
  type CaseStatistics,
  type CaseWithStatistics,
  ranks,
  type StatisticsFilter,
  statisticsOf,
} from './case-statistics.ts';

export interface CaseListFilter extends StatisticsFilter {
  sort: CaseSort;
  cursor?: string | null | undefined;
  limit: number;
}

export type ListedCase = CaseWithStatistics & {
  flakeRate: number;
  passRate: number;
  /** When the first of the failures in a row was queued; null if the newest result is no failure. */
  failingSince: string | null;
  lastFailure: { runId: string; index: number; error: string | null } | null;
};

/** Cases that have a result in the window, in the order of `sort`; cases that do not belong in that order are left out. */
export async function listCases(db: Database, { sort, cursor, limit, ...filter }: CaseListFilter) {
  const after = parseRankedCursor(cursor);
  const { rows } = await sql<Row>`
    with page as (
      select * from (select statistics.*, ${ranks[sort]} as rank from (${statisticsOf(filter, [sort])}) as statistics) as ranked
      where rank is not null and ${after ? sql`(rank, case_id) < (${after.rank}, ${after.id}::uuid)` : sql`true`}
      order by rank desc, case_id desc limit ${limit + 1}
    )
    ${detailsOf(filter)}`.execute(db);
  const page = rows.slice(0, limit);
  return { items: page.map(toListed), nextCursor: nextRankedCursor(page, rows.length > limit) };
}

const worstSorts = ['failing', 'flaky', 'slow'] as const;

/**
 * The first `most` cases in each order, in one read. `failing` leaves out cases in quarantine; `total` counts all that
 * fail, `newSince` those that began to at that time (ms since 1970) or later.
 */
export async function findWorstCases(
  db: Database,
  filter: StatisticsFilter,
  { most, newSince }: { most: number; newSince: number },
) {
  const counts = sql`count(*) over () as total, count(*) filter (where rank >= ${newSince}) over () as new_total`;
  const first = (sort: (typeof worstSorts)[number]) => sql`
    (select ${sort} as list, case_rank.*, ${counts} from (
      select statistics.*, ${ranks[sort]} as rank from statistics
      ${sort === 'failing' ? sql`where not exists (select from quarantines where case_id = statistics.case_id and expires_at > now())` : sql``}
    ) as case_rank where rank is not null order by rank desc, case_id desc limit ${most})`;
  const { rows } = await sql<Row & { list: (typeof worstSorts)[number]; total: number; newTotal: number }>`
    with statistics as materialized (${statisticsOf(filter, worstSorts)}),
    page as (${sql.join(worstSorts.map(first), sql` union all `)})
    ${detailsOf(filter)}`.execute(db);
  const items = (list: (typeof worstSorts)[number]) => rows.filter((row) => row.list === list).map(toListed);
  const failing = rows.find(({ list }) => list === 'failing');
  return {
    failing: { total: failing?.total ?? 0, newTotal: failing?.newTotal ?? 0, items: items('failing') },
    flaky: items('flaky'),
    slow: items('slow'),
  };
}

type Row = Omit<ListedCase, 'flakeRate' | 'passRate' | 'failingSince'> & { rank: number };

/** Selects what lists show of the cases in `page`. */
const detailsOf = ({ projectId, branch }: StatisticsFilter) => sql`
  select page.*, ${headColumns}, failure.last_failure
  from page join cases as subject on subject.id = page.case_id ${headJoins}
  left join lateral (
    select json_build_object('runId', run_id, 'index', index, 'error', left(error->>'message', 1000)) as last_failure
    from run_cases where case_id = page.case_id and status in ('failed', 'timed_out') and repeat is null
      ${branch === undefined ? sql`` : sql`and run_id in (select id from runs where project_id = ${projectId} and branch = ${branch})`}
    order by run_id desc limit 1
  ) as failure on true
  order by page.rank desc, page.case_id desc`;

function toListed(row: Row): ListedCase {
  const { runs, passed, flaky, medianDuration, newestStatus, newestRunId, failingSinceRunId, lastFailure } = row;
  const statistics: CaseStatistics = {
    runs,
    passed,
    flaky,
    medianDuration,
    newestStatus,
    newestRunId,
    failingSinceRunId,
  };
  return {
    ...toHead(row),
    ...statistics,
    flakeRate: flaky / runs,
    passRate: passed / runs,
    failingSince: failingSinceRunId && new Date(timeOfId(failingSinceRunId)).toISOString(),
    lastFailure: lastFailure && { ...lastFailure, error: firstLine(lastFailure.error) },
  };
}

/** The time in a uuid v7, in ms since 1970. */
const timeOfId = (id: string) => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
