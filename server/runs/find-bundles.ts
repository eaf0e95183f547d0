import type { SuiteBundle, SuiteOptions } from '#shared/suites.ts';
import type { Database } from '#server/db/database.ts';

/** Selects bundles as lists show them (`SuiteBundle`); the caller says which. */
export function findBundles(db: Database) {
  return db
    .selectFrom('suiteBundles as bundle')
    .innerJoin('bundleArchives as archive', (join) =>
      join.onRef('archive.projectId', '=', 'bundle.projectId').onRef('archive.hash', '=', 'bundle.hash'),
    )
    .select(['bundle.id', 'bundle.hash', 'archive.bytes', 'archive.unpackedBytes', 'archive.files'])
    .select(['dir', 'config', 'packageManager', 'lockFile', 'playwright'])
    .select(['branch', 'commitSha', 'commitMessage', 'author', 'isDirty', 'pushedBy', 'pushedAt']);
}

/** What was pushed last of a suite, or of a branch of it. */
export function findNewestBundle(
  db: Database,
  suiteId: string,
  branch?: string | null,
): Promise<SuiteBundle | undefined> {
  return findBundles(db)
    .where('bundle.suiteId', '=', suiteId)
    .$if(branch != null, (query) => query.where('branch', '=', branch!))
    .orderBy('pushedAt', 'desc')
    .orderBy('bundle.id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export interface SuiteRun {
  /** Null: it was deleted, or not fetched yet. */
  bundle: SuiteBundle | null;
  /** Where the run fetches it; null: it was there. */
  git: { url: string; branch: string; path: string } | null;
  options: SuiteOptions;
  shards: number;
  /** How many cases were chosen; null: all. */
  chosen: number | null;
}

/** What a run of a suite on workers was asked to execute. */
export async function findSuiteRun(db: Database, runId: string): Promise<SuiteRun | null> {
  const run = await db
    .selectFrom('runs')
    .select(['bundleId', 'suiteOptions'])
    .where('id', '=', runId)
    .executeTakeFirst();
  if (!run?.suiteOptions) return null;
  const { options, shards, choice, git } = run.suiteOptions;
  const bundle =
    run.bundleId === null ? undefined : await findBundles(db).where('bundle.id', '=', run.bundleId).executeTakeFirst();
  return { bundle: bundle ?? null, git: git ?? null, options, shards, chosen: choice && choice.length };
}
