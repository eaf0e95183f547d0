import type { Readable } from 'node:stream';
import { sql } from 'kysely';
import pLimit from 'p-limit';
import { bundleLimits, type ReceivedBundle } from '#shared/suites.ts';
import type { ArtifactStore, FilePlace } from '#server/artifacts/artifact-store.ts';
import { receiveBody } from '#server/artifacts/receive-body.ts';
import type { Database } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { createArchiveCheck } from './check-archive.ts';

/** Where the store has the archive of a bundle. */
export const placeOfArchive = (projectId: string, hash: string): FilePlace => ({
  folder: 'bundles',
  path: `${projectId}/${hash}.tar.gz`,
});

export interface BundleFileDeps {
  db: Database;
  artifacts: Pick<ArtifactStore, 'receive' | 'deleteFile'>;
}

/** Each holds a connection while its store takes the file, which may take long: the others wait without one. */
const keeping = pLimit(2);

/**
 * Stores the bytes of a bundle, checked while they arrive; `bytes`: how many are said to come. One that is known is not read. Throws BAD_REQUEST with what is wrong
 * with it, PAYLOAD_TOO_LARGE, and what the file system says, such as ENOSPC; then nothing is left behind.
 */
export async function receiveBundle(
  { db, artifacts }: BundleFileDeps,
  projectId: string,
  { hash, body, bytes }: { hash: string; body: Readable; bytes?: number },
): Promise<ReceivedBundle> {
  // One that has no bundle for long is removed; that begins anew.
  const known = await db
    .updateTable('bundleArchives')
    .set({ receivedAt: sql<string>`now()` })
    .where('projectId', '=', projectId)
    .where('hash', '=', hash)
    .returning(['bytes', 'unpackedBytes', 'files'])
    .executeTakeFirst();
  if (known) return known;

  const refuse = (): never => {
    throw new AppError(
      'PAYLOAD_TOO_LARGE',
      `A bundle may have at most ${bundleLimits.bytes / 1e6} MB. Leave out what the tests do not need, in .runlightignore.`,
    );
  };
  if ((bytes ?? 0) > bundleLimits.bytes) refuse();
  const place = placeOfArchive(projectId, hash);
  using check = createArchiveCheck(hash);
  await using received = await receiveBody(artifacts, place, body, { mostBytes: bundleLimits.bytes, refuse, check });
  const archive = { bytes: received.bytes, ...check.totals() };
  await keeping(() =>
    db.transaction().execute(async (trx) => {
      // Holds off the removal of an archive with this name until the file is there.
      await trx
        .insertInto('bundleArchives')
        .values({ projectId, hash, ...archive })
        .onConflict((conflict) =>
          conflict.columns(['projectId', 'hash']).doUpdateSet({ receivedAt: sql<string>`now()` }),
        )
        .execute();
      await received.keep();
    }),
  );
  return archive;
}
