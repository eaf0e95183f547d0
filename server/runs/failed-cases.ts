import { sql } from 'kysely';
import type { ChosenCase } from '#shared/case-choice.ts';
import { unsuccessfulTestStatuses } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';

export interface CasesOfScript {
  /** All cases of the script in the run. */
  total: number;
  /** Those that failed, were interrupted or did not run; without those in quarantine. */
  failed: ChosenCase[];
}

/** The cases of each script of a run, by its position. */
export async function findFailedCases(db: Database, runId: string): Promise<Map<number, CasesOfScript>> {
  const isFailed = sql`not of_run.quarantined and (of_run.status in (${sql.join(unsuccessfulTestStatuses)})
    or of_run.status = 'skipped' and of_run.duration_ms is null
      -- test.only in another script leaves out a script of which nothing is listed.
      and not (of_run.is_script and exists (
        select from run_parts as part where part.run_id = of_run.run_id and part.cases_hash is not null)))`;
  const { rows } = await sql<{ position: number; total: number; failed: ChosenCase[] | null }>`
    select of_run.position, count(*) as total,
      json_agg(json_build_object('project', cases.project, 'title', cases.title) order by of_run.index)
        filter (where ${isFailed}) as failed
    from run_cases as of_run join cases on cases.id = of_run.case_id
    where of_run.run_id = ${runId} and of_run.position is not null
    group by of_run.position order by of_run.position`.execute(db);
  return new Map(rows.map(({ position, total, failed }) => [position, { total, failed: failed ?? [] }]));
}
