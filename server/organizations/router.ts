import { organizationInputs } from '#shared/access-inputs.ts';
import { requirePerson } from '#server/identity/require-person.ts';
import { actorOf } from '#server/identity/actor.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { insertOrganization, renameOrganization } from './queries.ts';

export const organizationsRouter = router({
  /** With a first project, by default of the same name; the caller owns both, and nobody else sees them. */
  create: procedure.organizationOwner.input(organizationInputs.create).mutation(({ ctx, input }) => {
    requirePerson(ctx);
    return insertOrganization(ctx.services.db, actorOf(ctx), input);
  }),

  /** That of the project that is asked. */
  rename: procedure.organizationOwner.input(organizationInputs.rename).mutation(async ({ ctx, input }) => {
    requirePerson(ctx);
    await renameOrganization(ctx.services.db, actorOf(ctx), input.name);
    return input;
  }),
});
