import type { SuiteGit } from '#shared/suite-git.ts';
import type { SuiteToRun } from '#shared/suites.ts';
import type { Database } from '#server/db/database.ts';
import type { Actor } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';
import type { RunStarter } from '#server/runs/enqueue-run.ts';
import { findNewestBundle } from '#server/runs/find-bundles.ts';
import { NoBundleError } from '#server/runs/no-bundle-error.ts';
import { startSuiteRun, type SuiteRunRequest } from '#server/runs/start-suite-run.ts';
import { chooseShards } from './choose-shards.ts';
import { getSuite } from './queries.ts';

type RunOfSuite = Pick<SuiteRunRequest, 'jobId' | 'trigger' | 'timeoutMs' | 'idempotencyKey'> & {
  /** Default: that of the suite. */
  name?: string;
};

/**
 * Queues a run of a bundle of the suite: of the one that is named, of one that the run fetches from git, else of the newest, of all or
 * of a branch. Throws NOT_FOUND, NoBundleError, CONFLICT when the suite is archived, and as `startSuiteRun`.
 */
export async function runSuite(
  starter: RunStarter,
  actor: Actor,
  { suiteId, bundleId, branch, fromGit, shards, wallTimeMs, options }: SuiteToRun,
  run: RunOfSuite,
): Promise<{ runId: string }> {
  const suite = await getSuite(starter.db, actor.projectId, suiteId);
  if (suite.archivedAt) throw new AppError('CONFLICT', `The suite "${suite.name}" is archived.`);
  return startSuiteRun(starter, actor, {
    name: suite.name,
    ...run,
    suiteId,
    bundleId: fromGit ? null : (bundleId ?? (await getNewestBundle(starter.db, suite, branch))),
    suite: {
      options,
      shards: shards === 'auto' ? await chooseShards(starter.db, suiteId, wallTimeMs) : shards,
      choice: null,
      ...(fromGit && { git: getSource(suite, branch) }),
    },
  });
}

/** Throws NoBundleError without a source. */
function getSource({ name, git }: { name: string; git: SuiteGit | null }, branch: string | undefined): SuiteGit {
  if (!git)
    throw new NoBundleError(
      `The suite "${name}" has no git source. Set one on its page, or push it: npx runlight push.`,
    );
  return { ...git, ...(branch !== undefined && { branch }) };
}

/** Throws NoBundleError without any. */
export async function getNewestBundle(
  db: Database,
  suite: { id: string; name: string },
  branch?: string,
): Promise<string> {
  const newest = await findNewestBundle(db, suite.id, branch);
  if (newest) return newest.id;
  const of = branch === undefined ? '' : ` of the branch ${branch}`;
  throw new NoBundleError(`The suite "${suite.name}" has no bundle${of}. Push it first: npx runlight push.`);
}
