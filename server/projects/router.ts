import { projectInputs } from '#shared/access-inputs.ts';
import { actorOf } from '#server/audit/actor.ts';
import { procedure, router } from '#server/trpc.ts';
import { requirePerson } from '#server/access/require-person.ts';
import { insertProject, renameProject } from './queries.ts';

export const projectsRouter = router({
  /** In the organisation of the project that is asked. */
  create: procedure.owner.input(projectInputs.create).mutation(({ ctx, input }) => {
    requirePerson(ctx);
    return insertProject(ctx.services.db, actorOf(ctx), input.name);
  }),

  rename: procedure.owner.input(projectInputs.rename).mutation(async ({ ctx, input }) => {
    await renameProject(ctx.services.db, actorOf(ctx), input.name);
    return input;
  }),
});
