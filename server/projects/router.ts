import { projectInputs } from '#shared/access-inputs.ts';
import { actorOf } from '#server/identity/actor.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { requirePerson } from '#server/identity/require-person.ts';
import { insertProject, moveProject, renameProject } from './queries.ts';

export const projectsRouter = router({
  /** In the organisation of the project that is asked. */
  create: procedure.organizationOwner.input(projectInputs.create).mutation(({ ctx, input }) => {
    requirePerson(ctx);
    return insertProject(ctx.services.db, actorOf(ctx), input.name);
  }),

  rename: procedure.owner.input(projectInputs.rename).mutation(async ({ ctx, input }) => {
    await renameProject(ctx.services.db, actorOf(ctx), input.name);
    return input;
  }),

  /**
   * To another organisation that the caller owns; NOT_FOUND for any other. CONFLICT for the only project of its organisation.
   * Who is not in the other one loses their role in the project; its API keys go on to work.
   */
  move: procedure.organizationOwner.input(projectInputs.move).mutation(async ({ ctx, input }) => {
    requirePerson(ctx);
    await moveProject(ctx.services.db, actorOf(ctx), input.organizationId);
    return input;
  }),
});
