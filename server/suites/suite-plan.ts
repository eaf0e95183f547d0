import { sql } from 'kysely';
import type { SuiteCase } from '#shared/suites.ts';
import type { Database } from '#server/db/database.ts';
import { divideCases } from './divide-cases.ts';

/** The cases of each part of a run. Cases of setup projects are in none: they run in each part that needs them. */
export type SuitePlan = SuiteCase[][];

/** How the run was divided; undefined: it was not yet. */
export async function findPlan(db: Database, runId: string): Promise<SuitePlan | undefined> {
  const found = await db.selectFrom('suitePlans').select('plan').where('runId', '=', runId).executeTakeFirst();
  return found?.plan;
}

/**
 * Divides the cases of a run by the durations that they had, and keeps the plan. Parts that do so at the same time get one plan:
 * that which was kept first.
 */
export async function keepPlan(
  db: Database,
  { runId, suiteId, parts }: { runId: string; suiteId: string; parts: number },
  cases: readonly (SuiteCase & { group: string; isSetup: boolean })[],
): Promise<SuitePlan> {
  const durations = await findDurations(db, suiteId);
  const divided = divideCases(
    cases.flatMap((it, index) => {
      if (it.isSetup) return [];
      const durationMs = durations.get(keyOf(it)) ?? null;
      return { id: String(index), group: it.group, project: it.project, durationMs };
    }),
    parts,
  );
  const plan = divided.map((ids) =>
    ids.map((id) => {
      const { project, file, titlePath } = cases[Number(id)]!;
      return { project, file, titlePath };
    }),
  );
  await db
    .insertInto('suitePlans')
    .values({ runId, plan: JSON.stringify(plan) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return (await findPlan(db, runId)) ?? plan;
}

const keyOf = ({ project, file, titlePath }: SuiteCase) => JSON.stringify([project, file, titlePath]);

/** Of the suite's cases: the median of the last five results, in ms. */
async function findDurations(db: Database, suiteId: string): Promise<Map<string, number>> {
  const { rows } = await sql<SuiteCase & { durationMs: number }>`
    select project, file, title_path, median.duration_ms from cases
    cross join lateral (
      select percentile_disc(0.5) within group (order by newest.duration_ms) as duration_ms from (
        select duration_ms from run_cases
        where case_id = cases.id and duration_ms is not null order by run_id desc, index limit 5
      ) as newest
    ) as median
    where suite_id = ${suiteId} and median.duration_ms is not null`.execute(db);
  return new Map(rows.map((row) => [keyOf(row), row.durationMs]));
}
