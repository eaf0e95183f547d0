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
