import { sql } from 'kysely';
import { repetitionLimits } from '#shared/repetitions.ts';
import type { RunStatus } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { commandOf } from '#server/runs/retry-command.ts';
import { getSuite } from '#server/suites/queries.ts';
import { getCase } from './case-queries.ts';

/** What came of running a case several times. */
export interface Repetitions {
  runId: string;
  status: RunStatus;
  errorCode: string | null;
  /** How often it was to run. */
  times: number;
  passed: number;
  failed: number;
  skipped: number;
  queuedAt: string;
  branch: string | null;
  commitSha: string | null;
}

/**
 * The newest run that repeated a case, and, if workers cannot run its suite, the command that repeats it elsewhere. Throws NOT_FOUND.
 */
export async function findRepetitions(
  db: Database,
  projectId: string,
  caseId: string,
): Promise<{ newest: Repetitions | null; command: string | null }> {
  const subject = await getCase(db, projectId, caseId);
  const { rows } = await sql<Repetitions>`
    select run.id as run_id, run.status, run.error_code, run.repeats as times, run.queued_at, run.branch, run.commit_sha, counts.*
    from (select * from runs where repeated_case_id = ${caseId} order by id desc limit 1) as run
    cross join lateral (
      select (count(*) filter (where status = 'passed'))::int as passed,
        (count(*) filter (where status in ('failed', 'timed_out')))::int as failed,
        (count(*) filter (where status = 'skipped' and duration_ms is not null))::int as skipped
      from run_cases where run_id = run.id and case_id = ${caseId} and repeat is not null
    ) as counts`.execute(db);
  const { suiteId, project, file } = subject;
  const { isRunnable } = suiteId === null ? { isRunnable: true } : await getSuite(db, projectId, suiteId);
  const command = isRunnable ? null : repeatCommand(project, { file, line: await findLine(db, caseId) });
  return { newest: rows[0] ?? null, command };
}

function repeatCommand(project: string, place: { file: string; line: number | null }): string {
  return `${commandOf(project, [place])} --repeat-each ${repetitionLimits.default} --retries 0`;
}

/** The line of the case in its newest run. */
async function findLine(db: Database, caseId: string): Promise<number | null> {
  const newest = await db
    .selectFrom('runCases')
    .select('line')
    .where('caseId', '=', caseId)
    .where('repeat', 'is', null)
    .orderBy('runId', 'desc')
    .limit(1)
    .executeTakeFirst();
  return newest?.line ?? null;
}
