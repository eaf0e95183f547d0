import { sql } from 'kysely';
import type { NotificationEvent } from '#shared/notifications.ts';
import type { NotificationPayload } from '#shared/notification-payload.ts';
import { failedTestStatuses, isFailure } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { findNewlyFailed } from '#server/runs/compare-run.ts';
import { firstLine, runColumns, type RunRow, sourceOf } from '#server/runs/run-state.ts';

type RunPayload = NonNullable<NotificationPayload['data']['run']>;

/** Failures that a notification names. */
const mostFailures = 20;

/** A run, and which events its end is. */
export interface RunFacts {
  run: RunRow;
  events: NotificationEvent[];
  /** The first 20, with their indexes in the run. */
  failures: (Omit<RunPayload['failures'][number], 'url'> & { index: number })[];
}

/** Reads what notifications say of a run. Undefined: it was removed. */
export async function readRunFacts(db: Database, runId: string): Promise<RunFacts | undefined> {
  const run = await db.selectFrom('runs').select(runColumns).where('id', '=', runId).executeTakeFirst();
  if (!run) return undefined;
  const failed = await findFailures(db, runId);
  const newlyFailed = failed.length > 0 ? await findNewlyFailed(db, run) : new Set<number>();
  const isNew = (index: number) => newlyFailed === 'all' || newlyFailed.has(index);
  const events: NotificationEvent[] = ['always'];
  if (isFailure(run.status)) events.push('failed');
  if (newlyFailed === 'all' || newlyFailed.size > 0) events.push('newly_failing');
  if (run.flaky > 0) events.push('flaky');
  if (run.errorCode === 'worker_lost' || run.errorCode === 'reporter_lost') events.push('lost');
  if (run.status === 'passed' && !run.partial && (await hasFailedBefore(db, run))) events.push('recovered');
  const failures = failed.map((it) => ({ ...it, error: firstLine(it.error), isNew: isNew(it.index) }));
  return { run, events, failures };
}

async function findFailures(db: Database, runId: string) {
  const { rows } = await sql<{
    index: number;
    caseId: string;
    project: string;
    file: string;
    title: string;
    error: string | null;
  }>`
    select run_cases.index, case_id, cases.project, coalesce(run_tests.name, cases.file) as file, cases.title,
      run_cases.error ->> 'message' as error
    from run_cases join cases on cases.id = case_id
    left join run_tests on run_tests.run_id = ${runId} and run_tests.position = run_cases.position
    where run_cases.run_id = ${runId} and run_cases.status in (${sql.join(failedTestStatuses)}) and not quarantined
    order by run_cases.index limit ${mostFailures}`.execute(db);
  return rows;
}

/** The newest earlier run of the same on the same branch gave no pass. */
async function hasFailedBefore(db: Database, run: RunRow): Promise<boolean> {
  const { column, id } = sourceOf(run);
  const previous = await db
    .selectFrom('runs')
    .select('status')
    .where(column, '=', id)
    .where('branch', 'is not distinct from', run.branch)
    .where('id', '<', run.id)
    .where('status', 'in', ['passed', 'failed', 'error', 'timed_out'])
    .where('partial', '=', false)
    .where('repeatedCaseId', 'is', null)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return previous !== undefined && previous.status !== 'passed';
}
