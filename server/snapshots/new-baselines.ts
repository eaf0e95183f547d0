import { sql } from 'kysely';
import { failedTestStatuses } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { commandsOf } from '#server/runs/retry-command.ts';

/** What a failed comparison of a suite took, which can be its baseline from then on. */
export interface NewBaseline {
  /** Of the baseline, in the folder of the suite's lock file. */
  path: string;
  /** Address of the file. */
  artifactPath: string;
}

interface Row extends NewBaseline {
  project: string;
  file: string;
  line: number | null;
}

/** What the last attempts of a run's failed cases took, each path once, and the commands that take them where the suite is. */
export async function findNewBaselines(
  db: Database,
  runId: string,
): Promise<{ items: NewBaseline[]; commands: string[] }> {
  const { rows } = await sql<Row>`
    select distinct on (artifacts.snapshot->>'path') artifacts.snapshot->>'path' as path, artifacts.path as artifact_path,
      cases.project, cases.file, run_cases.line
    from artifacts join runs on runs.id = artifacts.run_id and runs.kind = 'suite'
    join run_cases on run_cases.run_id = artifacts.run_id and run_cases.index = artifacts.case_index
    join cases on cases.id = run_cases.case_id
    where artifacts.run_id = ${runId} and artifacts.snapshot->>'role' = 'actual' and artifacts.attempt = run_cases.attempt
      and run_cases.status in (${sql.join(failedTestStatuses)})
    order by artifacts.snapshot->>'path', artifacts.id desc`.execute(db);
  return {
    items: rows.map(({ path, artifactPath }) => ({ path, artifactPath })),
    commands: commandsOf(rows).map(({ command }) => `${command} --update-snapshots`),
  };
}
