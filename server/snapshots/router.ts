import { snapshotInputs } from '#shared/inputs.ts';
import type { ArtifactStore } from '#server/artifacts/artifact-store.ts';
import type { Database } from '#server/db/database.ts';
import { actorOf } from '#server/identity/actor.ts';
import { getRun } from '#server/runs/queries.ts';
import { getTest } from '#server/tests/queries.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { findNewBaselines } from './new-baselines.ts';
import { acceptSnapshot } from './accept-snapshot.ts';
import { listSnapshots, removeSnapshot } from './queries.ts';

export function createSnapshotsRouter({ db, artifacts }: { db: Database; artifacts: ArtifactStore }) {
  return router({
    /** The accepted baselines of a test, without their content. */
    list: procedure.viewer.input(snapshotInputs.list).query(async ({ ctx, input: { testId } }) => {
      await getTest(db, ctx.projectId, testId);
      return { items: await listSnapshots(db, testId) };
    }),

    /** What failed comparisons of a suite's run took: files for the suite's own repository. */
    ofRun: procedure.viewer.input(snapshotInputs.ofRun).query(async ({ ctx, input: { runId } }) => {
      await getRun(db, ctx.projectId, runId);
      return findNewBaselines(db, runId);
    }),

    /** Makes what a run took the baseline with which later runs are compared. */
    accept: procedure.editor
      .input(snapshotInputs.accept)
      .mutation(({ ctx, input }) => acceptSnapshot({ db, artifacts }, actorOf(ctx), input)),

    /** The next run takes a new one, which can be accepted. */
    remove: procedure.editor.input(snapshotInputs.remove).mutation(async ({ ctx, input }) => {
      await removeSnapshot(db, actorOf(ctx), input);
      return input;
    }),
  });
}
