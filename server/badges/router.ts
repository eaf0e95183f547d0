import { badgeInputs } from '#shared/badge-inputs.ts';
import type { Database } from '#server/db/database.ts';
import { actorOf } from '#server/identity/actor.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { createBadge, listBadges, revokeBadge } from './queries.ts';

export function createBadgesRouter({ db }: { db: Database }) {
  return router({
    list: procedure.editor.input(badgeInputs.list).query(({ ctx, input }) => listBadges(db, ctx.projectId, input)),

    /** `path`: where its picture is, after the address of Runlight. Anyone who knows it may see the picture. */
    create: procedure.editor
      .input(badgeInputs.create)
      .mutation(({ ctx, input }) => createBadge(db, actorOf(ctx), input)),

    revoke: procedure.editor.input(badgeInputs.revoke).mutation(async ({ ctx, input }) => {
      await revokeBadge(db, actorOf(ctx), input.badgeId);
      return input;
    }),
  });
}
