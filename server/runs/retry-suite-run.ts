import { sql } from 'kysely';
import type { SuiteCase } from '#shared/suites.ts';
import { unsuccessfulTestStatuses } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import type { Actor } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';
import type { RunStarter } from './enqueue-run.ts';
import { nameOfSome } from './partial-name.ts';
import { repeatedBy } from './repeated-case.ts';
import type { RunRow } from './run-state.ts';
import { startSuiteRun } from './start-suite-run.ts';

/**
 * Queues a run of the same bundle, or of one that is fetched again if it was never there, with the same options, or of the cases that failed, were interrupted or did not run in any
 * part. All cases are run again if a part ended before its cases were listed. Throws CONFLICT when the bundle is gone or nothing
 * failed.
 */
export async function retrySuiteRun(
  starter: RunStarter,
  actor: Actor,
  run: RunRow,
  { failedOnly, idempotencyKey }: { failedOnly: boolean; idempotencyKey: string | undefined },
): Promise<{ runId: string }> {
  const { bundleId, suiteOptions } = await starter.db
    .selectFrom('runs')
    .select(['bundleId', 'suiteOptions'])
    .where('id', '=', run.id)
    .executeTakeFirstOrThrow();
  // A run that never came to its bundle fetches it again.
  const isUnfetched = suiteOptions?.git !== undefined && run.commitSha === null;
  if (suiteOptions === null || (bundleId === null && !isUnfetched))
    throw new AppError('CONFLICT', 'The bundle of the run was deleted. Push the suite again, and run that.');
  const repeated = repeatedBy(run);
  // Repetitions are repeated as a whole: each of them is the same case.
  const failed = failedOnly && !repeated ? await findFailed(starter.db, run.id) : 'all';
  if (failed !== 'all' && failed.length === 0)
    throw new AppError('CONFLICT', 'No case of the run failed, so there is nothing to run again.');
  const isSome = failed !== 'all' && failed.length < run.total;
  return startSuiteRun(starter, actor, {
    suiteId: run.suiteId!,
    jobId: run.jobId,
    bundleId,
    name: isSome ? nameOfSome(run, failed.length) : run.name,
    trigger: 'retry',
    retryOf: run.id,
    partial: run.partial || isSome,
    repeated,
    idempotencyKey,
    timeoutMs: run.timeoutMs,
    suite: isSome
      ? { ...suiteOptions, shards: Math.min(suiteOptions.shards, failed.length), choice: failed }
      : suiteOptions,
  });
}

async function findFailed(db: Database, runId: string): Promise<SuiteCase[] | 'all'> {
  const unlisted = await db
    .selectFrom('runParts')
    .select('part')
    .where('runId', '=', runId)
    .where('casesHash', 'is', null)
    .limit(1)
    .executeTakeFirst();
  if (unlisted) return 'all';
  return db
    .selectFrom('runCases as result')
    .innerJoin('cases', 'cases.id', 'caseId')
    .select(['project', 'file', 'titlePath'])
    .where('runId', '=', runId)
    .where('quarantined', '=', false)
    .where(
      sql<boolean>`(result.status in (${sql.join(unsuccessfulTestStatuses)})
        or result.status = 'skipped' and result.duration_ms is null)`,
    )
    .orderBy('index')
    .execute();
}
