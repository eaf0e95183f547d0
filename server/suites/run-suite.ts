import type { z } from 'zod';
import type { bundleInputs } from '#shared/suites.ts';
import type { Database } from '#server/db/database.ts';
import type { Actor } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';
import type { RunStarter } from '#server/runs/enqueue-run.ts';
import { triggerOf } from '#server/runs/start-run.ts';
import { startSuiteRun } from '#server/runs/start-suite-run.ts';
import { chooseShards } from './choose-shards.ts';
import { getSuite } from './queries.ts';

export type RunSuiteInput = z.infer<typeof bundleInputs.run>;

/**
 * Queues a run of a bundle of the suite: of the one that is named, else of the newest, of all or of a branch. Throws NOT_FOUND,
 * CONFLICT when the suite is archived or has no bundle, and as `startSuiteRun`.
 */
export async function runSuite(starter: RunStarter, actor: Actor, input: RunSuiteInput): Promise<{ runId: string }> {
  const { suiteId, shards, options, timeoutMs = null, idempotencyKey } = input;
  const suite = await getSuite(starter.db, actor.projectId, suiteId);
  if (suite.archivedAt) throw new AppError('CONFLICT', `The suite "${suite.name}" is archived.`);
  return startSuiteRun(starter, actor, {
    suiteId,
    bundleId: input.bundleId ?? (await getNewestBundle(starter.db, suite, input.branch)),
    name: suite.name,
    trigger: triggerOf(actor),
    idempotencyKey,
    timeoutMs,
    suite: {
      options,
      shards: shards === 'auto' ? await chooseShards(starter.db, suiteId, input.wallTimeMs) : shards,
      choice: null,
    },
  });
}

/** Throws CONFLICT without any. */
export async function getNewestBundle(
  db: Database,
  suite: { id: string; name: string },
  branch?: string,
): Promise<string> {
  const newest = await db
    .selectFrom('suiteBundles')
    .select('id')
    .where('suiteId', '=', suite.id)
    .$if(branch !== undefined, (query) => query.where('branch', '=', branch!))
    .orderBy('pushedAt', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (newest) return newest.id;
  const of = branch === undefined ? '' : ` of the branch ${branch}`;
  throw new AppError('CONFLICT', `The suite "${suite.name}" has no bundle${of}. Push it first: npx runlight push.`);
}
