import { organizationInputs } from '#shared/access-inputs.ts';
import { actorOf } from '#server/identity/actor.ts';
import { router, userProcedure } from '#server/trpc/procedure.ts';
import type { Database } from '#server/db/database.ts';
import { insertOrganization, renameOrganization } from './queries.ts';

export function createOrganizationsRouter({ db }: { db: Database }) {
  return router({
    /** With a first project, by default of the same name; the caller owns both, and nobody else sees them. */
    create: userProcedure.organizationOwner.input(organizationInputs.create).mutation(({ ctx, input }) => {
      return insertOrganization(db, actorOf(ctx), input);
    }),

    /** That of the project that is asked. */
    rename: userProcedure.organizationOwner.input(organizationInputs.rename).mutation(async ({ ctx, input }) => {
      await renameOrganization(db, actorOf(ctx), input.name);
      return input;
    }),
  });
}
