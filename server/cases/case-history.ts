import { sql } from 'kysely';
import { isFailedTest, type TestStatus } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { firstLine } from '#server/runs/run-state.ts';
import { getCase } from './case-queries.ts';
import { summarizeVerdicts } from './summarize-verdicts.ts';

/** The result of a case in one run. */
export interface CaseVerdict {
  runId: string;
  /** Index of the case in that run. */
  index: number;
  status: TestStatus;
  /** Passed after a failed attempt. */
  flaky: boolean;
  attempt: number;
  /** The failure counted for nothing. */
  quarantined: boolean;
  /** Milliseconds. */
  duration: number | null;
  at: string;
  /** First line. */
  error: string | null;
}

/** What a run ran: results of one commit can be compared. Runs of scripts have the hash of the script in its place. */
const commit = sql`coalesce(script.script_hash::text, run.commit_sha)`;

interface Row extends CaseVerdict {
  /** The same for runs that can be compared. */
  commit: string | null;
  branch: string | null;
  commitSha: string | null;
}

const verdicts = (limit: number, branch?: string) => sql`
  select result.run_id, result.index, result.status, result.flaky, result.attempt, result.quarantined,
    result.duration_ms as duration, coalesce(result.started_at, run.started_at, run.queued_at) as at,
    left(result.error->>'message', 1000) as error, ${commit} as commit, run.branch, run.commit_sha
  from run_cases as result
  join runs as run on run.id = result.run_id
  left join run_tests as script on script.run_id = result.run_id and script.position = result.position
  where result.case_id = subject.id and result.repeat is null ${onBranch(branch)}
  order by result.run_id desc, result.index limit ${limit}`;

/** Only results of runs on that branch. */
const onBranch = (branch: string | undefined) => (branch === undefined ? sql`` : sql`and run.branch = ${branch}`);

export interface CaseHistoryFilter {
  caseId: string;
  branch?: string | undefined;
  limit: number;
}

/** The last `limit` results of a case (on a branch), newest first, and what they come to. Throws NOT_FOUND. */
export async function getCaseHistory(db: Database, projectId: string, { caseId, branch, limit }: CaseHistoryFilter) {
  const head = await getCase(db, projectId, caseId);
  const [{ rows }, firstFailure, lastFailure, errors] = await Promise.all([
    sql<Row>`select verdict.* from (select ${caseId}::uuid as id) as subject
      cross join lateral (${verdicts(limit, branch)}) as verdict`.execute(db),
    findFailure(db, caseId, branch, 'first'),
    findFailure(db, caseId, branch, 'last'),
    findErrors(db, caseId, branch),
  ]);
  return {
    case: head,
    verdicts: rows.map(toRunVerdict),
    ...summarizeVerdicts(rows),
    firstFailure,
    lastFailure,
    errors,
  };
}

function toVerdict({ commit: _, branch: __, commitSha: ___, error, ...verdict }: Row): CaseVerdict {
  return { ...verdict, error: isFailedTest(verdict.status) ? firstLine(error) : null };
}

/** With what the run was run of. */
const toRunVerdict = (row: Row) => ({ ...toVerdict(row), branch: row.branch, commitSha: row.commitSha });

/** The first or the last failure among the runs that are kept. */
async function findFailure(db: Database, caseId: string, branch: string | undefined, which: 'first' | 'last') {
  const { rows } = await sql<{ runId: string; index: number; at: string; error: string | null }>`
    select result.run_id, result.index, coalesce(result.started_at, run.queued_at) as at,
      left(result.error->>'message', 1000) as error
    from run_cases as result join runs as run on run.id = result.run_id
    where result.case_id = ${caseId} and result.status in ('failed', 'timed_out') and result.repeat is null
      ${onBranch(branch)}
    order by result.run_id ${which === 'first' ? sql`asc` : sql`desc`} limit 1`.execute(db);
  return rows[0] ? { ...rows[0], error: firstLine(rows[0].error) } : null;
}

/** Failures that are grouped by their errors. */
const groupedFailures = 200;

/** The errors of the last failures by fingerprint, the most frequent first. */
async function findErrors(db: Database, caseId: string, branch: string | undefined) {
  const { rows } = await sql<{
    fingerprint: string | null;
    message: string | null;
    count: number;
    firstRunId: string;
    lastRunId: string;
    lastIndex: number;
    lastAt: string;
  }>`
    select max(fingerprint) as fingerprint, (array_agg(message order by run_id desc))[1] as message,
      count(*)::int as count, (array_agg(run_id order by run_id))[1] as first_run_id,
      (array_agg(run_id order by run_id desc))[1] as last_run_id,
      (array_agg(index order by run_id desc))[1] as last_index, max(at) as last_at
    from (
      select result.run_id, result.index, result.fingerprint, left(result.error->>'message', 1000) as message,
        coalesce(result.started_at, run.queued_at) as at
      from run_cases as result join runs as run on run.id = result.run_id
      where result.case_id = ${caseId} and result.status in ('failed', 'timed_out') and result.repeat is null
      ${onBranch(branch)}
      order by result.run_id desc limit ${groupedFailures}
    ) as failure
    group by coalesce(fingerprint, md5(coalesce(message, ''))) order by count(*) desc, max(at) desc limit 20`.execute(
    db,
  );
  return rows.map((row) => ({ ...row, message: firstLine(row.message) }));
}

/** Results that a row of a list shows. */
const stripLength = 10;

/** The last results (on a branch) and the median duration of each of these cases; cases of other projects are left out. */
export async function findStrips(db: Database, projectId: string, caseIds: readonly string[], branch?: string) {
  const { rows } = await sql<Row & { caseId: string }>`
    select subject.id as case_id, verdict.* from cases as subject
    cross join lateral (${verdicts(stripLength, branch)}) as verdict
    where subject.project_id = ${projectId} and subject.id = any(${[...new Set(caseIds)]}::uuid[])`.execute(db);
  const byCase = new Map<string, Row[]>();
  for (const { caseId, ...row } of rows) {
    const own = byCase.get(caseId);
    if (own) own.push(row);
    else byCase.set(caseId, [row]);
  }
  return [...byCase].map(([caseId, own]) => ({
    caseId,
    verdicts: own.map(toVerdict),
    medianDuration: summarizeVerdicts(own).medianDuration,
  }));
}

/** The strips of cases of a run, by their indexes there. A run of another project has none. */
export async function findStripsOfRun(
  db: Database,
  projectId: string,
  { runId, indexes }: { runId: string; indexes: readonly number[] },
) {
  const { rows } = await sql<{ index: number; caseId: string }>`
    select index, case_id from run_cases join runs on runs.id = run_id
    where run_id = ${runId} and project_id = ${projectId} and index = any(${indexes}::integer[])`.execute(db);
  const strips = await findStrips(
    db,
    projectId,
    rows.map(({ caseId }) => caseId),
  );
  const byCase = new Map(strips.map((strip) => [strip.caseId, strip]));
  return rows.flatMap(({ index, caseId }) => {
    const strip = byCase.get(caseId);
    return strip ? [{ index, ...strip }] : [];
  });
}
