import { projectInputs } from '#shared/access-inputs.ts';
import { actorOf } from '#server/identity/actor.ts';
import { procedure, router, userProcedure } from '#server/trpc/procedure.ts';
import type { Database } from '#server/db/database.ts';
import { insertProject, moveProject, renameProject } from './queries.ts';

export function createProjectsRouter({ db }: { db: Database }) {
  return router({
    /** Creates a project in the organisation of the caller's project. */
    create: userProcedure.organizationOwner.input(projectInputs.create).mutation(({ ctx, input }) => {
      return insertProject(db, actorOf(ctx), input.name);
    }),

    rename: procedure.owner.input(projectInputs.rename).mutation(async ({ ctx, input }) => {
      await renameProject(db, actorOf(ctx), input.name);
      return input;
    }),

    /**
     * Moves the project to another organisation that the caller owns; NOT_FOUND for any other. CONFLICT for the only project of
     * its organisation. Users who are not in the other organisation lose their role in the project; its API keys keep working.
     */
    move: userProcedure.organizationOwner.input(projectInputs.move).mutation(async ({ ctx, input }) => {
      await moveProject(db, actorOf(ctx), input.organizationId);
      return input;
    }),
  });
}
