import { sql } from 'kysely';
import type { ArtifactStore } from '#server/artifacts/artifact-store.ts';
import type { Database } from '#server/db/database.ts';
import { placeOfArchive } from './receive-bundle.ts';

export interface BundleRemovalDeps {
  db: Database;
  artifacts: Pick<ArtifactStore, 'deleteFile'>;
}

/** What is kept. */
const kept = {
  /** After it was pushed. */
  days: 1,
  /** The newest one of a branch. */
  daysOfBranch: 90,
  /** After a run of it. */
  daysAfterRun: 30,
  /** The bundles of so many newest runs of a suite. */
  runs: 50,
};

const isActive = sql`jobs.archived_at is null`;

/** Bundles and archives per call, so that one call takes little time. */
const batchSize = 100;

/**
 * Removes bundles that are not needed any more: pushed more than a day ago, not the newest of their suite, not the newest of
 * their branch from the last 90 days, not run in the last 30 days, not by one of the last 50 runs of the suite, and not pinned by
 * a job. Then removes archives that no bundle has had for a day.
 */
export async function removeOldBundles(deps: BundleRemovalDeps): Promise<void> {
  const before = (days: number) => sql`now() - ${days} * interval '1 day'`;
  const isNewest = (more = sql``) => sql`not exists (
    select from suite_bundles as newer
    where newer.suite_id = bundle.suite_id and (newer.pushed_at, newer.id) > (bundle.pushed_at, bundle.id) ${more})`;
  await deps.db.transaction().execute(async (trx) => {
    // No job pins one of these from here on.
    const { rows: old } = await sql<{ id: string }>`
      select bundle.id from suite_bundles as bundle
      where pushed_at < ${before(kept.days)} and not ${isNewest()}
        and not (pushed_at > ${before(kept.daysOfBranch)} and ${isNewest(sql`and newer.branch is not distinct from bundle.branch`)})
        and not exists (
          select from runs where runs.bundle_id = bundle.id and (
            runs.queued_at > ${before(kept.daysAfterRun)} or runs.completed_at is null or runs.id in (
              select newest.id from runs as newest where newest.suite_id = bundle.suite_id
              order by newest.id desc limit ${kept.runs})))
        and not exists (select from jobs where jobs.bundle_id = bundle.id and ${isActive})
      order by bundle.pushed_at limit ${batchSize} for update skip locked`.execute(trx);
    await sql`
      delete from suite_bundles as bundle where id = any(${old.map(({ id }) => id)}::uuid[])
        and not exists (select from jobs where jobs.bundle_id = bundle.id and ${isActive})`.execute(trx);
  });
  const unused = await deps.db
    .selectFrom('bundleArchives as archive')
    .select(['projectId', 'hash'])
    .where('receivedAt', '<', sql<string>`${before(kept.days)}`)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('suiteBundles as bundle')
            .select('id')
            .whereRef('bundle.projectId', '=', 'archive.projectId')
            .whereRef('bundle.hash', '=', 'archive.hash'),
        ),
      ),
    )
    .limit(batchSize)
    .execute();
  for (const archive of unused) await removeArchive(deps, archive);
}

/** Removes the bytes of a bundle, unless one has them. */
export async function removeArchive(
  { db, artifacts }: BundleRemovalDeps,
  { projectId, hash }: { projectId: string; hash: string },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    // A bundle that is pushed at the same time waits for the lock, and finds the archive gone.
    const archive = await trx
      .selectFrom('bundleArchives')
      .select('hash')
      .where('projectId', '=', projectId)
      .where('hash', '=', hash)
      .forUpdate()
      .executeTakeFirst();
    if (!archive) return;
    const bundle = await trx
      .selectFrom('suiteBundles')
      .select('id')
      .where('projectId', '=', projectId)
      .where('hash', '=', hash)
      .limit(1)
      .executeTakeFirst();
    if (bundle) return;
    await trx.deleteFrom('bundleArchives').where('projectId', '=', projectId).where('hash', '=', hash).execute();
    await artifacts.deleteFile(placeOfArchive(projectId, hash));
  });
}
