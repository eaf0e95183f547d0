import { type ExpressionBuilder, sql } from 'kysely';
import type { CaseCounts } from '#shared/run-cases.ts';
import { failedTestStatuses, isFailedTest, type TestStatus } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import type { Tables } from '#server/db/tables.ts';

/** What decides how a case is counted. */
export interface CountedCase {
  status: TestStatus;
  flaky: boolean;
  quarantined: boolean;
  durationMs: number | null;
}

export const noCases: CaseCounts = {
  total: 0,
  passed: 0,
  failed: 0,
  skipped: 0,
  flaky: 0,
  notRun: 0,
  quarantined: 0,
};

function countsOf({ status, flaky, quarantined, durationMs }: CountedCase): CaseCounts {
  const isFailed = isFailedTest(status);
  return {
    total: 1,
    passed: Number(status === 'passed'),
    failed: Number(isFailed && !quarantined),
    quarantined: Number(isFailed && quarantined),
    skipped: Number(status === 'skipped'),
    // Playwright measures every case that it skips.
    notRun: Number(status === 'skipped' && durationMs === null),
    flaky: Number(flaky),
  };
}

/** By how much changes of cases change the counts of their run. */
export function differenceOf(changes: readonly (readonly [before: CountedCase, after: CountedCase])[]): CaseCounts {
  const difference = { ...noCases };
  for (const [before, after] of changes) {
    const [from, to] = [countsOf(before), countsOf(after)];
    for (const key of Object.keys(difference) as (keyof CaseCounts)[]) difference[key] += to[key] - from[key];
  }
  return difference;
}

/** The counts of a run that a difference makes of those that it has. */
export function adjustedBy(difference: CaseCounts): Record<keyof CaseCounts, ReturnType<typeof sql<number>>> {
  const column = (key: keyof CaseCounts) => sql<number>`${sql.ref(key)} + ${difference[key]}`;
  return {
    total: column('total'),
    passed: column('passed'),
    failed: column('failed'),
    skipped: column('skipped'),
    flaky: column('flaky'),
    notRun: column('notRun'),
    quarantined: column('quarantined'),
  };
}

/** The counts of a run, or of one part or one script of it, and its failed cases in quarantine. */
export async function countCases(
  db: Database,
  runId: string,
  { part, position }: { part?: number; position?: number } = {},
): Promise<CaseCounts> {
  const isFailed = (eb: ExpressionBuilder<Tables, 'runCases'>) => eb('status', 'in', failedTestStatuses);
  return db
    .selectFrom('runCases')
    .select((eb) => {
      const { countAll } = eb.fn;
      return [
        countAll<number>().as('total'),
        countAll<number>().filterWhere('status', '=', 'passed').as('passed'),
        countAll<number>()
          .filterWhere((eb) => eb.and([isFailed(eb), eb('quarantined', '=', false)]))
          .as('failed'),
        countAll<number>()
          .filterWhere((eb) => eb.and([isFailed(eb), eb('quarantined', '=', true)]))
          .as('quarantined'),
        countAll<number>().filterWhere('status', '=', 'skipped').as('skipped'),
        // Playwright measures every case that it skips.
        countAll<number>()
          .filterWhere((eb) => eb.and([eb('status', '=', 'skipped'), eb('durationMs', 'is', null)]))
          .as('notRun'),
        countAll<number>().filterWhere('flaky', '=', true).as('flaky'),
      ];
    })
    .where('runId', '=', runId)
    .$if(part !== undefined, (query) => query.where('part', '=', part!))
    .$if(position !== undefined, (query) => query.where('position', '=', position!))
    .executeTakeFirstOrThrow();
}
