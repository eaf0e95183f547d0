import { organizationInputs } from '#shared/access-inputs.ts';
import { actorOf } from '#server/identity/actor.ts';
import { router, userProcedure } from '#server/trpc/procedure.ts';
import type { Database } from '#server/db/database.ts';
import { insertOrganization, renameOrganization } from './queries.ts';

export function createOrganizationsRouter({ db }: { db: Database }) {
  return router({
    /** Creates an organisation with a first project, by default of the same name. The caller is its only member. */
    create: userProcedure.organizationOwner.input(organizationInputs.create).mutation(({ ctx, input }) => {
      return insertOrganization(db, actorOf(ctx), input);
    }),

    /** Renames the organisation of the caller's project. */
    rename: userProcedure.organizationOwner.input(organizationInputs.rename).mutation(async ({ ctx, input }) => {
      await renameOrganization(db, actorOf(ctx), input.name);
      return input;
    }),
  });
}
