import type { CaseChoice } from '#shared/case-choice.ts';
import type { RunKind, RunTrigger } from '#shared/events.ts';
import type { RunSettings } from '#shared/test-settings.ts';
import type { Actor } from '#server/identity/actor.ts';
import { recordAudit } from '#server/audit/record-audit.ts';
import type { Database, Trx } from '#server/db/database.ts';
import type { CommitColumns } from './commit-columns.ts';
import { enqueueRun, type RunStarter } from './enqueue-run.ts';
import { firstChange, insertQueuedRun } from './insert-queued-run.ts';
import { writeUnlistedCases } from './list-cases.ts';
import type { CommittedRun } from './publish-run.ts';
import { columnsOf, type RepeatedCase } from './repeated-case.ts';

export interface TestToRun {
  testId: string | null;
  name: string;
  script: string;
  /** With the project's defaults. */
  settings: RunSettings;
  /** The cases to run; null: all. */
  choice?: CaseChoice | null;
}

export interface RunRequest {
  kind: Exclude<RunKind, 'suite'>;
  /** The test or the job. */
  sourceId: string;
  name: string;
  trigger: RunTrigger;
  retryOf?: string | null;
  /** The run executes only some of the cases of its test or job. */
  partial?: boolean;
  /** The run repeats this case. */
  repeated?: RepeatedCase | null;
  idempotencyKey?: string | null;
  /** Of what is tested. */
  commit?: CommitColumns | undefined;
  /** Null: the default of the kind of run. */
  timeoutMs: number | null;
  /** Executed in this order. Later changes to the tests do not affect the run. */
  tests: readonly TestToRun[];
}

/** `api` for API keys, `manual` for people. */
export function triggerOf({ kind }: Actor): RunTrigger {
  return kind === 'key' ? 'api' : 'manual';
}

/**
 * Queues a run and returns its id. An idempotency key that was used before returns the id of the earlier run. Throws
 * TOO_MANY_REQUESTS when the queue is full, and CONFLICT when the key was used for another test or job.
 */
export function startRun(starter: RunStarter, actor: Actor, request: RunRequest): Promise<{ runId: string }> {
  return enqueueRun(starter, actor.projectId, request, (trx) => insertRun(trx, actor, request));
}

async function insertRun(trx: Trx, actor: Actor, request: RunRequest): Promise<CommittedRun> {
  const { kind, sourceId, name, trigger, tests } = request;
  const run = await insertQueuedRun(trx, actor, {
    kind,
    testId: kind === 'test' ? sourceId : null,
    jobId: kind === 'job' ? sourceId : null,
    name,
    trigger,
    retryOf: request.retryOf ?? null,
    partial: request.partial ?? false,
    ...columnsOf(request.repeated),
    idempotencyKey: request.idempotencyKey ?? null,
    timeoutMs: request.timeoutMs,
    ...request.commit,
    total: tests.length,
  });
  await trx
    .insertInto('runTests')
    .values(
      tests.map(({ settings, choice = null, ...test }, position) => ({
        runId: run.id,
        position,
        ...test,
        settings: JSON.stringify(settings),
        ...(choice && { choice: JSON.stringify(choice) }),
      })),
    )
    .execute();
  await trx.insertInto('runParts').values({ runId: run.id, part: 0, status: 'queued', total: tests.length }).execute();
  await writeUnlistedCases(trx, run.id, {
    projectId: actor.projectId,
    sourceId,
    suiteId: null,
    isRepeated: false,
    scripts: tests.map(({ testId }, position) => ({ position, testId })),
  });
  await recordAudit(trx, actor, {
    action: 'run.started',
    target: { kind: 'run', id: run.id, name },
    ...(request.retryOf && { details: { retryOf: request.retryOf } }),
  });
  return firstChange(trx, run);
}

/** The scripts of a run as they were when it was queued, in order. */
export function findFrozenTests(db: Database, runId: string) {
  return db
    .selectFrom('runTests')
    .select(['position', 'testId', 'name', 'script', 'settings', 'choice', 'status'])
    .where('runId', '=', runId)
    .orderBy('position')
    .execute();
}
