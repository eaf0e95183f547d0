import type { RunTrigger } from '#shared/events.ts';
import type { SuiteRunOptions } from '#shared/suites.ts';
import { recordAudit } from '#server/audit/record-audit.ts';
import type { Trx } from '#server/db/database.ts';
import type { Actor } from '#server/identity/actor.ts';
import { enqueueRun, type RunStarter } from './enqueue-run.ts';
import { firstChange, insertQueuedRun } from './insert-queued-run.ts';
import { insertWaitingParts } from './insert-reported-run.ts';
import type { CommittedRun } from './publish-run.ts';
import { NoBundleError } from './no-bundle-error.ts';
import { columnsOf, type RepeatedCase } from './repeated-case.ts';

export interface SuiteRunRequest {
  suiteId: string;
  /** The job that runs the suite. */
  jobId?: string | null;
  /** Null: the first part fetches the bundle (`suite.git`), and the others wait until then. */
  bundleId: string | null;
  /** Of the suite or job, or of the run that is repeated. */
  name: string;
  trigger: RunTrigger;
  retryOf?: string | null;
  /** The run executes only some of the cases of its suite. */
  partial?: boolean;
  /** The run repeats this case. */
  repeated?: RepeatedCase | null;
  idempotencyKey?: string | null | undefined;
  /** For each part; null: the default. */
  timeoutMs: number | null;
  suite: SuiteRunOptions;
}

/**
 * Queues a run of a suite's bundle, with an entry for each part that does not wait for it, and returns its id. Throws as `enqueueRun`, and
 * NoBundleError if the bundle is gone.
 */
export function startSuiteRun(starter: RunStarter, actor: Actor, request: SuiteRunRequest): Promise<{ runId: string }> {
  const { suiteId, jobId, bundleId, idempotencyKey, suite } = request;
  const entries = bundleId === null ? 1 : suite.shards;
  return enqueueRun(
    starter,
    actor.projectId,
    { sourceId: jobId ?? suiteId, idempotencyKey, parts: suite.shards, entries },
    (trx) => insertSuiteRun(trx, actor, request),
  );
}

async function insertSuiteRun(trx: Trx, actor: Actor, request: SuiteRunRequest): Promise<CommittedRun> {
  const {
    suiteId,
    jobId = null,
    bundleId,
    name,
    trigger,
    retryOf = null,
    partial = false,
    repeated,
    idempotencyKey,
    timeoutMs,
    suite,
  } = request;
  const bundle =
    bundleId === null ? { branch: suite.git?.branch ?? null } : await lockBundle(trx, { suiteId, bundleId });
  const run = await insertQueuedRun(trx, actor, {
    kind: 'suite',
    origin: 'worker',
    suiteId,
    jobId,
    bundleId,
    suiteOptions: JSON.stringify(suite),
    name,
    trigger,
    retryOf,
    partial,
    ...columnsOf(repeated),
    idempotencyKey: idempotencyKey ?? null,
    timeoutMs,
    ...bundle,
  });
  await insertWaitingParts(
    trx,
    run.id,
    Array.from({ length: suite.shards }, (_, part) => part),
  );
  await recordAudit(trx, actor, {
    action: 'run.started',
    target: { kind: 'run', id: run.id, name },
    ...(retryOf !== null && { details: { retryOf } }),
  });
  return firstChange(trx, run);
}

/** What the run is run of. The bundle is not deleted before the run is there. */
async function lockBundle(trx: Trx, { suiteId, bundleId }: { suiteId: string; bundleId: string }) {
  const bundle = await trx
    .selectFrom('suiteBundles')
    .select(['branch', 'commitSha', 'commitMessage', 'author'])
    .where('id', '=', bundleId)
    .where('suiteId', '=', suiteId)
    .forKeyShare()
    .executeTakeFirst();
  if (!bundle) throw new NoBundleError(`The suite has no bundle ${bundleId}: it may have been deleted.`);
  return bundle;
}
