import { shareLinkInputs } from '#shared/share-link-inputs.ts';
import type { Database } from '#server/db/database.ts';
import { actorOf } from '#server/identity/actor.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { deleteShareLink, insertShareLink, listShareLinks } from './queries.ts';

export function createShareLinksRouter({ db }: { db: Database }) {
  return router({
    list: procedure.editor
      .input(shareLinkInputs.list)
      .query(({ ctx, input }) => listShareLinks(db, ctx.projectId, input.runId)),

    /** `path`: where the link leads, after the address of Runlight. It holds a secret and is shown only here. */
    create: procedure.editor
      .input(shareLinkInputs.create)
      .mutation(({ ctx, input }) => insertShareLink(db, actorOf(ctx), input)),

    revoke: procedure.editor.input(shareLinkInputs.revoke).mutation(async ({ ctx, input }) => {
      await deleteShareLink(db, actorOf(ctx), input.linkId);
      return input;
    }),
  });
}
