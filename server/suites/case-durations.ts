import { sql } from 'kysely';
import type { SuiteCase } from '#shared/suites.ts';
import type { Database } from '#server/db/database.ts';

/** Cases of a suite that ran before, with the median of their last five durations in ms. */
export async function findCaseDurations(
  db: Database,
  suiteId: string,
): Promise<(SuiteCase & { durationMs: number })[]> {
  const { rows } = await sql<SuiteCase & { durationMs: number }>`
    select project, file, title_path, median.duration_ms from cases
    cross join lateral (
      select percentile_disc(0.5) within group (order by newest.duration_ms) as duration_ms from (
        select duration_ms from run_cases
        where case_id = cases.id and repeat is null and duration_ms is not null order by run_id desc, index limit 5
      ) as newest
    ) as median
    where suite_id = ${suiteId} and median.duration_ms is not null`.execute(db);
  return rows;
}
