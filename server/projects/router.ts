import { projectInputs } from '#shared/access-inputs.ts';
import { actorOf } from '#server/identity/actor.ts';
import { procedure, router, userProcedure } from '#server/trpc/procedure.ts';
import type { Database } from '#server/db/database.ts';
import { insertProject, moveProject, renameProject } from './queries.ts';
import { checkDevice, getProjectSettings, listDevices, updateProjectSettings } from './settings.ts';

export function createProjectsRouter({ db }: { db: Database }) {
  return router({
    /** Creates a project in the organisation of the caller's project. */
    create: userProcedure.organizationOwner.input(projectInputs.create).mutation(({ ctx, input }) => {
      return insertProject(db, actorOf(ctx), input.name);
    }),

    /** Defaults of the project's tests. */
    settings: procedure.viewer.query(async ({ ctx }) => ({ settings: await getProjectSettings(db, ctx.projectId) })),

    updateSettings: procedure.editor.input(projectInputs.updateSettings).mutation(async ({ ctx, input }) => {
      checkDevice(input.settings);
      await updateProjectSettings(db, actorOf(ctx), input.settings);
      return input;
    }),

    /** The devices that Playwright knows. */
    devices: procedure.viewer.query(() => ({ items: listDevices() })),

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
