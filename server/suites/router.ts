import { suiteInputs } from '#shared/inputs.ts';
import type { Database } from '#server/db/database.ts';
import { actorOf } from '#server/identity/actor.ts';
import { getHistory } from '#server/runs/history.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { archiveSuite, findBranches, getSuite, getSuiteDetails, listSuites, restoreSuite } from './queries.ts';

export function createSuitesRouter({ db }: { db: Database }) {
  return router({
    list: procedure.viewer.input(suiteInputs.list).query(({ ctx, input }) => listSuites(db, ctx.projectId, input)),

    byId: procedure.viewer
      .input(suiteInputs.byId)
      .query(({ ctx, input }) => getSuiteDetails(db, ctx.projectId, input.suiteId)),

    /** The suite's last runs, of all branches or of one, and what they come to. */
    history: procedure.viewer.input(suiteInputs.history).query(async ({ ctx: { projectId }, input }) => {
      await getSuite(db, projectId, input.suiteId);
      return getHistory(db, 'suite', input.suiteId, input.limit, input.branch);
    }),

    /** The branches that a suite, or any of them, ran of, with their newest runs, those that ran last first. */
    branches: procedure.viewer
      .input(suiteInputs.branches)
      .query(async ({ ctx, input }) => ({ items: await findBranches(db, ctx.projectId, input.suiteId) })),

    /** It leaves the list; its runs stay, and new ones are still accepted. */
    archive: procedure.editor.input(suiteInputs.byId).mutation(async ({ ctx, input: { suiteId } }) => {
      await archiveSuite(db, actorOf(ctx), suiteId);
      return { suiteId };
    }),

    /** Undoes `archive`. */
    restore: procedure.editor.input(suiteInputs.byId).mutation(async ({ ctx, input: { suiteId } }) => {
      await restoreSuite(db, actorOf(ctx), suiteId);
      return getSuiteDetails(db, ctx.projectId, suiteId);
    }),
  });
}
