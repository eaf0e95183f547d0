import { createReadStream } from 'node:fs';
import type { SuiteGit } from '#shared/suite-git.ts';
import type { BundleInput } from '#shared/suites.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { systemActor } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';
import { commitRuns, type RunWriter } from '#server/runs/commit-run.ts';
import { pushBundleIn } from './bundles.ts';
import { type BundleFileDeps, receiveBundle } from './receive-bundle.ts';

/** The result of a part's fetch from git. */
export type FetchedBundle =
  /** The suite already has a bundle of this commit. */
  | { isKnown: true; commitSha: string }
  /** `archive`: a file with its bytes. */
  | { isKnown: false; bundle: BundleInput; archive: string };

/** Commits of this many newest runs are known, and need not be fetched again. */
const lookedAt = 50;

interface Fetching {
  suiteId: string;
  git: SuiteGit;
}

/** The newest runs that have fetched from the same place in git and still have their bundle. */
function findFetched(db: Database | Trx, { suiteId, git }: Fetching) {
  return db
    .selectFrom('runs')
    .innerJoin('suiteBundles as bundle', 'bundle.id', 'runs.bundleId')
    .select(['bundle.id', 'runs.commitSha'])
    .where('runs.suiteId', '=', suiteId)
    .where('runs.commitSha', 'is not', null)
    .where((eb) => eb(eb.ref('suiteOptions', '->').key('git').key('url'), '=', JSON.stringify(git.url)))
    .where((eb) => eb(eb.ref('suiteOptions', '->').key('git').key('path'), '=', JSON.stringify(git.path)))
    .orderBy('runs.id', 'desc')
    .limit(lookedAt);
}

/** Commits of the source that already have a bundle, so that the same files need not be packed again. */
export async function findKnownCommits(db: Database, of: Fetching): Promise<string[]> {
  const runs = await findFetched(db, of).execute();
  return [...new Set(runs.map(({ commitSha }) => commitSha!))];
}

/**
 * Stores the fetched files as a bundle of the suite, as if it had been pushed, and makes it the bundle of the run. Does nothing if
 * another worker has the part. Throws the errors of `receiveBundle`.
 */
export async function storeFetched(
  deps: RunWriter & BundleFileDeps,
  run: Fetching & { runId: string; part: number; session: string; projectId: string },
  fetched: FetchedBundle,
): Promise<void> {
  const { runId, part, session, projectId } = run;
  if (!fetched.isKnown) {
    const body = createReadStream(fetched.archive);
    // Bytes that are stored already are not read.
    await receiveBundle(deps, projectId, { hash: fetched.bundle.hash, body }).finally(() => body.destroy());
  }
  await commitRuns(deps, async ({ trx, commit }) => {
    const input = fetched.isKnown ? await getKnown(trx, run, fetched.commitSha) : fetched.bundle;
    const { bundleId } = await pushBundleIn(trx, systemActor(projectId), input);
    const { branch = null, commitSha = null, commitMessage = null, author = null } = input;
    await commit(runId, {
      from: ['running'],
      // Refused if the part has another worker.
      part: { part, session, silent: false },
      fetched: { bundleId, branch, commitSha, commitMessage, author },
    });
  });
}

/** The bundle that would be packed of a known commit. */
async function getKnown(trx: Trx, { git, ...of }: Fetching, commitSha: string): Promise<BundleInput> {
  const run = await findFetched(trx, { git, ...of })
    .where('runs.commitSha', '=', commitSha)
    .executeTakeFirst();
  if (!run) throw new AppError('BAD_REQUEST', `The bundle of the commit ${commitSha} was just deleted. Run it again.`);
  const { name, ...bundle } = await trx
    .selectFrom('suiteBundles as bundle')
    .innerJoin('suites', 'suites.id', 'suiteId')
    .select(['suites.name', 'hash', 'dir', 'config', 'packageManager', 'lockFile', 'playwright'])
    .select(['commitMessage', 'author'])
    .where('bundle.id', '=', run.id)
    .executeTakeFirstOrThrow();
  return { ...bundle, suite: name, branch: git.branch, commitSha, isDirty: false };
}
