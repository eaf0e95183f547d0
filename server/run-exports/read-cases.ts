import { sql } from 'kysely';
import type { TestError } from '#shared/events.ts';
import { isLiveTest, type TestStatus } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { repeatedTitles, type RunCase, selectCases } from '#server/runs/cases.ts';

/** An execution of a case. */
export interface Attempt {
  /** From 0. */
  attempt: number;
  status: TestStatus;
  startedAt: string | null;
  /** Ms of this attempt; null if it has not ended. */
  duration: number | null;
  errors: TestError[];
}

export interface CaseWithAttempts extends RunCase {
  /** Of the last attempt. */
  errors: TestError[];
  attempts: Attempt[];
}

const pageSize = 200;

/** The cases of a run in their order with their attempts, page by page, so that not all are in memory at once. */
export async function* readCases(db: Database, runId: string): AsyncGenerator<CaseWithAttempts[]> {
  for (let from = 0; ;) {
    const page = await findCases(db, runId, sql`of_run.index >= ${from}`);
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    from = page.at(-1)!.index + 1;
  }
}

/** The cases with these indexes. */
export async function findCasesAt(db: Database, runId: string, indexes: readonly number[]) {
  const found: CaseWithAttempts[] = [];
  for (let start = 0; start < indexes.length; start += pageSize) {
    const some = indexes.slice(start, start + pageSize);
    found.push(...(await findCases(db, runId, sql`of_run.index = any(${some}::integer[])`)));
  }
  return found;
}

async function findCases(db: Database, runId: string, condition: ReturnType<typeof sql>): Promise<CaseWithAttempts[]> {
  const { rows } = await sql<RunCase & { errors: TestError[] | null }>`
    select found.*, run_cases.errors from (
      ${selectCases(sql`of_run.error`)} where of_run.run_id = ${runId} and ${condition} order by of_run.index limit ${pageSize}
    ) as found join run_cases on run_cases.run_id = ${runId} and run_cases.index = found.index
    order by found.index`.execute(db);
  const attempts = await findAttempts(
    db,
    runId,
    rows.map(({ index }) => index),
  );
  return rows.map((row) => ({
    ...row,
    ...repeatedTitles(row),
    errors: row.errors ?? (row.error ? [row.error] : []),
    attempts: attempts.get(row.index) ?? [],
  }));
}

interface CaseEntry {
  caseIndex: number;
  attempt: number;
  at: string;
  payload: { status: TestStatus; duration: number | null; error: TestError | null; errors?: TestError[] | null };
}

/** The attempts of cases by their indexes, as the log has them. */
async function findAttempts(db: Database, runId: string, indexes: number[]): Promise<Map<number, Attempt[]>> {
  const { rows } = await sql<CaseEntry>`
    select case_index, attempt, at, payload from run_events
    where run_id = ${runId} and type = 'case' and case_index = any(${indexes}::integer[])
    order by case_index, seq`.execute(db);
  const found = new Map<number, Attempt[]>();
  /** Ms of the attempts before the one that is looked at, by case: the log has the time of all attempts so far. */
  const before = new Map<string, number>();
  for (const { caseIndex, attempt, at, payload } of rows) {
    const { status, duration, error, errors } = payload;
    if (status === 'pending') continue;
    const ofCase = found.get(caseIndex) ?? [];
    found.set(caseIndex, ofCase);
    let own = ofCase.find((one) => one.attempt === attempt);
    if (!own) {
      own = { attempt, status, startedAt: null, duration: null, errors: [] };
      ofCase.push(own);
      before.set(
        `${caseIndex} ${attempt}`,
        ofCase.reduce((sum, one) => sum + (one.duration ?? 0), 0),
      );
    }
    own.status = status;
    if (status === 'running') own.startedAt ??= at;
    if (isLiveTest(status)) continue;
    own.errors = errors ?? (error ? [error] : []);
    own.duration = duration === null ? null : Math.max(0, duration - before.get(`${caseIndex} ${attempt}`)!);
  }
  return found;
}
