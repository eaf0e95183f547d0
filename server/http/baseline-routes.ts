import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { pack } from 'tar-stream';
import type { ArtifactStore } from '#server/artifacts/artifact-store.ts';
import { placeOf } from '#server/artifacts/file-address.ts';
import type { Database } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { findNewBaselines, type NewBaseline } from '#server/snapshots/new-baselines.ts';
import type { ArtifactAccess } from './artifact-access.ts';

/** Serves `/artifacts/<run>/new-baselines.tar.gz`: what a run of a suite took, by the paths of its baselines. */
export function serveBaselines(
  app: FastifyInstance,
  { artifacts, access, db }: { artifacts: ArtifactStore; access: ArtifactAccess; db: Database },
): void {
  app.register(async (baselines) => {
    baselines.addHook('onRequest', access.check);
    baselines.get<{ Params: { runId: string } }>('/artifacts/:runId/new-baselines.tar.gz', async (request, reply) => {
      const { runId } = request.params;
      const { items } = await findNewBaselines(db, runId);
      if (items.length === 0) throw new AppError('NOT_FOUND', 'No comparison of the run took a new baseline.');
      const archive = createGzip();
      const tar = pack();
      void pipeline(tar, archive).catch(() => {});
      void packAll(tar, artifacts, runId, items).catch((error: Error) => void tar.destroy(error));
      return reply
        .type('application/gzip')
        .header('content-disposition', 'attachment; filename="new-baselines.tar.gz"')
        .header('cache-control', 'no-store')
        .send(archive);
    });
  });
}

async function packAll(
  tar: ReturnType<typeof pack>,
  store: ArtifactStore,
  runId: string,
  items: readonly NewBaseline[],
) {
  for (const { path: name, artifactPath } of items) {
    const found = await store.read(placeOf(runId, artifactPath));
    // Retention has removed it meanwhile.
    if (!found?.content) continue;
    try {
      await pipeline(found.content, tar.entry({ name, size: Number(found.headers['content-length']), mode: 0o644 }));
    } finally {
      // There is no entry once the reader is gone.
      found.content.destroy();
    }
  }
  tar.finalize();
}
