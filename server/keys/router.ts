import { keyInputs } from '#shared/access-inputs.ts';
import { requirePerson } from '#server/identity/require-person.ts';
import { actorOf } from '#server/identity/actor.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { deleteKey, insertKey, listKeys } from './queries.ts';

const dayMs = 24 * 3_600_000;

export const keysRouter = router({
  list: procedure.owner.query(({ ctx }) => listKeys(ctx.services.db, ctx.projectId)),

  /** `key` is what programs send as `Authorization: Bearer`; it is not told again. */
  create: procedure.owner.input(keyInputs.create).mutation(({ ctx, input: { expiresInDays, ...key } }) => {
    requirePerson(ctx);
    const expiresAt = expiresInDays === null ? null : new Date(Date.now() + expiresInDays * dayMs).toISOString();
    return insertKey(ctx.services.db, actorOf(ctx), { ...key, expiresAt });
  }),

  revoke: procedure.owner.input(keyInputs.revoke).mutation(async ({ ctx, input }) => {
    requirePerson(ctx);
    await deleteKey(ctx.services.db, actorOf(ctx), input.keyId);
    return input;
  }),
});
