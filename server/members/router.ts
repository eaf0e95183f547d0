import { memberInputs } from '#shared/access-inputs.ts';
import { requirePerson } from '#server/access/require-person.ts';
import { actorOf } from '#server/audit/actor.ts';
import { procedure, router } from '#server/trpc.ts';
import {
  deleteInvitation,
  insertInvitation,
  insertResetOfMember,
  listInvitations,
  listMembers,
  removeMember,
  setMemberRole,
} from './queries.ts';

/** Of the organisation that the project belongs to. A key is of one project, so it changes nobody. */
export const membersRouter = router({
  list: procedure.viewer.query(({ ctx }) => listMembers(ctx.services.db, ctx.projectId)),

  /** CONFLICT when nobody would be an owner any more. */
  setRole: procedure.owner.input(memberInputs.setRole).mutation(async ({ ctx, input }) => {
    requirePerson(ctx);
    await setMemberRole(ctx.services.db, actorOf(ctx), input);
    return input;
  }),

  /** CONFLICT for the last owner. */
  remove: procedure.owner.input(memberInputs.remove).mutation(async ({ ctx, input }) => {
    requirePerson(ctx);
    await removeMember(ctx.services.db, actorOf(ctx), input);
    return { userId: input.userId };
  }),

  /**
   * `path` is the link by which the member sets a new password, once and within a day; it is not told again. FORBIDDEN for who
   * is also in an organisation that the caller does not own.
   */
  resetLink: procedure.owner.input(memberInputs.resetLink).mutation(async ({ ctx, input }) => {
    requirePerson(ctx);
    const secret = await insertResetOfMember(ctx.services.db, actorOf(ctx), input.userId);
    return { path: `/reset/${secret}` };
  }),

  invitations: procedure.owner.query(({ ctx }) => listInvitations(ctx.services.db, ctx.projectId)),

  /** `path` is the link to hand over, on this server; it is not told again. */
  invite: procedure.owner.input(memberInputs.invite).mutation(async ({ ctx, input }) => {
    requirePerson(ctx);
    const { id, secret } = await insertInvitation(ctx.services.db, actorOf(ctx), input);
    return { id, path: `/join/${secret}` };
  }),

  withdraw: procedure.owner.input(memberInputs.withdraw).mutation(async ({ ctx, input }) => {
    requirePerson(ctx);
    await deleteInvitation(ctx.services.db, actorOf(ctx), input.invitationId);
    return input;
  }),
});
