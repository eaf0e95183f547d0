import type { SuiteBundle, SuiteOfJob } from '#shared/suites.ts';
import type { Database } from '#server/db/database.ts';
import { findBundles, findNewestBundle } from '#server/runs/find-bundles.ts';

export type JobSuite = NonNullable<Awaited<ReturnType<typeof findJobSuite>>>;

/**
 * The suite that a job runs, with its bundle: the pinned one, or that which is newest now, or none where each run fetches its own. Null:
 * the job runs tests.
 */
export async function findJobSuite(db: Database, jobId: string) {
  const found = await db
    .selectFrom('jobs')
    .innerJoin('suites', 'suites.id', 'suiteId')
    .select(['suites.id', 'suites.name', 'suites.git', 'bundleId', 'suiteRun'])
    .where('jobs.id', '=', jobId)
    .executeTakeFirst();
  if (!found?.suiteRun) return null;
  const { bundleId, suiteRun, ...suite } = found;
  const { fromGit = false } = suiteRun;
  const bundle = fromGit ? null : await findBundle(db, { suiteId: suite.id, bundleId }, suiteRun);
  return { ...suite, ...suiteRun, fromGit, bundle };
}

/** Null: it was deleted, or none was pushed yet. */
async function findBundle(
  db: Database,
  { suiteId, bundleId }: { suiteId: string; bundleId: string | null },
  { isPinned, branch }: SuiteOfJob,
): Promise<SuiteBundle | null> {
  if (!isPinned) return (await findNewestBundle(db, suiteId, branch)) ?? null;
  if (bundleId === null) return null;
  return (await findBundles(db).where('bundle.id', '=', bundleId).executeTakeFirst()) ?? null;
}
