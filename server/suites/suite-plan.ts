import type { SuiteCase } from '#shared/suites.ts';
import type { Database } from '#server/db/database.ts';
import { findCaseDurations } from './case-durations.ts';
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
  const known = await findCaseDurations(db, suiteId);
  const durations = new Map(known.map((it) => [keyOf(it), it.durationMs]));
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
