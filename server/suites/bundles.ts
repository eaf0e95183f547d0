import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { BundleInput, SuiteBundle } from '#shared/suites.ts';
import { recordAudit } from '#server/audit/record-audit.ts';
import { nextRankedCursor, parseRankedCursor } from '#server/db/cursor.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { type Actor, nameToShow } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';
import { storableText } from '#server/lib/storable-text.ts';
import { findBundles } from '#server/runs/find-bundles.ts';
import { lockSuite } from '#server/runs/lock-suite.ts';
import { getSuite } from './queries.ts';
import { type BundleRemovalDeps, removeArchive } from './remove-bundles.ts';
import { refuseIfUsed } from './used-by-jobs.ts';

/** Whether the project has the bytes of a bundle. */
export async function hasArchive(db: Database, projectId: string, hash: string): Promise<boolean> {
  const archive = await db
    .selectFrom('bundleArchives')
    .select('hash')
    .where('projectId', '=', projectId)
    .where('hash', '=', hash)
    .executeTakeFirst();
  return archive !== undefined;
}

/**
 * Makes a bundle of bytes that were sent before, the newest of its suite. The same again is no new one. Throws NOT_FOUND if the
 * bytes were not sent.
 */
export function pushBundle(
  db: Database,
  actor: Actor,
  input: BundleInput,
): Promise<{ suiteId: string; bundleId: string; isNew: boolean }> {
  return db.transaction().execute((trx) => pushBundleIn(trx, actor, input));
}

/** The same in a transaction. */
export async function pushBundleIn(trx: Trx, actor: Actor, { suite: name, ...input }: BundleInput) {
  const { projectId } = actor;
  const suite = await lockSuite(trx, projectId, storableText(name));
  const suiteId = suite.id;
  const archive = await trx
    .selectFrom('bundleArchives')
    .select('hash')
    .where('projectId', '=', projectId)
    .where('hash', '=', input.hash)
    .forKeyShare()
    .executeTakeFirst();
  if (!archive)
    throw new AppError(
      'NOT_FOUND',
      `The project has no bundle with the hash ${input.hash}: send its bytes first (PUT /api/bundles/<hash>).`,
      { field: 'hash' },
    );
  const pushed = { ...input, pushedBy: nameToShow(actor), pushedAt: sql<string>`now()` };
  const earlier = await findEqual(trx, suiteId, input);
  if (earlier?.isSame) return { suiteId, bundleId: earlier.id, isNew: false };
  const bundleId = earlier?.id ?? uuidv7();
  if (earlier) await trx.updateTable('suiteBundles').set(pushed).where('id', '=', bundleId).execute();
  else
    await trx
      .insertInto('suiteBundles')
      .values({ ...pushed, id: bundleId, projectId, suiteId })
      .execute();
  await recordAudit(trx, actor, {
    action: 'bundle.pushed',
    target: { kind: 'suite', id: suiteId, name: suite.name },
    details: { bundle: shortHash(input.hash) },
  });
  return { suiteId, bundleId, isNew: !earlier };
}

const shortHash = (hash: string) => hash.slice(0, 12);

/** The bundle with the same files and config. `isSame`: it is of the same commit, too, and the newest of the suite. */
async function findEqual(trx: Trx, suiteId: string, input: Omit<BundleInput, 'suite'>) {
  const { branch = null, commitSha = null } = input;
  return trx
    .selectFrom('suiteBundles as bundle')
    .select([
      'id',
      sql<boolean>`bundle.branch is not distinct from ${branch} and bundle.commit_sha is not distinct from ${commitSha}
        and not exists (
          select from suite_bundles as newer where newer.suite_id = bundle.suite_id
            and (newer.pushed_at, newer.id) > (bundle.pushed_at, bundle.id))`.as('isSame'),
    ])
    .where('suiteId', '=', suiteId)
    .where('hash', '=', input.hash)
    .where('dir', '=', input.dir)
    .where('config', '=', input.config)
    .executeTakeFirst();
}

export interface BundleFilter {
  suiteId: string;
  branch?: string | undefined;
  cursor?: string | null | undefined;
  limit: number;
}

/** That which was pushed last first. Throws NOT_FOUND. */
export async function listBundles(db: Database, projectId: string, filter: BundleFilter) {
  const { suiteId, branch, cursor, limit } = filter;
  await getSuite(db, projectId, suiteId);
  const after = parseRankedCursor(cursor);
  const rank = sql<number>`round(extract(epoch from bundle.pushed_at) * 1000000)::bigint`;
  const rows = await findBundles(db)
    .select(rank.as('rank'))
    .where('bundle.suiteId', '=', suiteId)
    .$if(branch !== undefined, (query) => query.where('branch', '=', branch!))
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(${rank}, bundle.id) < (${after!.rank}, ${after!.id})`),
    )
    .orderBy('pushedAt', 'desc')
    .orderBy('bundle.id', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  return {
    items: page.map(({ rank: _, ...bundle }): SuiteBundle => bundle),
    nextCursor: nextRankedCursor(page, rows.length > limit),
  };
}

/** Runs of it that have not begun end as `bundle_gone`. Throws NOT_FOUND, and CONFLICT naming the jobs that have pinned it. */
export async function deleteBundle(deps: BundleRemovalDeps, actor: Actor, bundleId: string): Promise<void> {
  const { projectId } = actor;
  const { hash } = await deps.db.transaction().execute(async (trx) => {
    // No job pins it from here on.
    const bundle = await trx
      .selectFrom('suiteBundles')
      .select(['hash', 'suiteId'])
      .where('id', '=', bundleId)
      .where('projectId', '=', projectId)
      .forUpdate()
      .executeTakeFirst();
    if (!bundle) throw new AppError('NOT_FOUND', `There is no bundle ${bundleId}.`);
    await refuseIfUsed(trx, 'bundleId', bundleId);
    await trx.deleteFrom('suiteBundles').where('id', '=', bundleId).execute();
    const { name } = await trx
      .selectFrom('suites')
      .select('name')
      .where('id', '=', bundle.suiteId)
      .executeTakeFirstOrThrow();
    await recordAudit(trx, actor, {
      action: 'bundle.deleted',
      target: { kind: 'suite', id: bundle.suiteId, name },
      details: { bundle: shortHash(bundle.hash) },
    });
    return bundle;
  });
  await removeArchive(deps, { projectId, hash });
}
