import { keyInputs } from '#shared/access-inputs.ts';
import { actorOf } from '#server/identity/actor.ts';
import { procedure, router, userProcedure } from '#server/trpc/procedure.ts';
import type { Database } from '#server/db/database.ts';
import { deleteKey, insertKey, listKeys } from './queries.ts';

const dayMs = 24 * 3_600_000;

export function createKeysRouter({ db }: { db: Database }) {
  return router({
    list: procedure.owner.query(({ ctx }) => listKeys(db, ctx.projectId)),

    /** `key`: programs send it as `Authorization: Bearer`; it is shown only here. */
    create: userProcedure.owner.input(keyInputs.create).mutation(({ ctx, input: { expiresInDays, ...key } }) => {
      const expiresAt = expiresInDays === null ? null : new Date(Date.now() + expiresInDays * dayMs).toISOString();
      return insertKey(db, actorOf(ctx), { ...key, expiresAt });
    }),

    revoke: userProcedure.owner.input(keyInputs.revoke).mutation(async ({ ctx, input }) => {
      await deleteKey(db, actorOf(ctx), input.keyId);
      return input;
    }),
  });
}
