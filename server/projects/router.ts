import { projectInputs } from '#shared/access-inputs.ts';
import { actorOf } from '#server/identity/actor.ts';
import { procedure, router, userProcedure } from '#server/trpc/procedure.ts';
import type { Database } from '#server/db/database.ts';
import { insertProject, moveProject, renameProject } from './queries.ts';

export function createProjectsRouter({ db }: { db: Database }) {
  return router({
    /** In the organisation of the project that is asked. */
    create: userProcedure.organizationOwner.input(projectInputs.create).mutation(({ ctx, input }) => {
      return insertProject(db, actorOf(ctx), input.name);
    }),

    rename: procedure.owner.input(projectInputs.rename).mutation(async ({ ctx, input }) => {
      await renameProject(db, actorOf(ctx), input.name);
      return input;
    }),

    /**
     * To another organisation that the caller owns; NOT_FOUND for any other. CONFLICT for the only project of its organisation.
     * Who is not in the other one loses their role in the project; its API keys go on to work.
     */
    move: userProcedure.organizationOwner.input(projectInputs.move).mutation(async ({ ctx, input }) => {
      await moveProject(db, actorOf(ctx), input.organizationId);
      return input;
    }),
  });
}
