import { memberInputs } from '#shared/access-inputs.ts';
import { actorOf } from '#server/identity/actor.ts';
import { procedure, router, userProcedure } from '#server/trpc/procedure.ts';
import type { Database } from '#server/db/database.ts';
import { deleteInvitation, insertInvitation, listInvitations } from './invitations.ts';
import { removeFromProject, setProjectRole } from './project-roles.ts';
import { insertResetOfMember, listMembers, setMemberRole } from './queries.ts';
import { leaveOrganization, removeMember } from './removal.ts';

/**
 * Of the project and of the organisation that it belongs to: a member has a role in all projects of that, roles in single
 * ones, or both, of which the greater counts. A key is of one project, so it changes nobody.
 */
export function createMembersRouter({ db }: { db: Database }) {
  return router({
    /** Those who have a role in the project; who owns the organisation sees everybody in that. */
    list: procedure.viewer.query(({ ctx }) => listMembers(db, ctx)),

    /** In all projects. CONFLICT when nobody would be an owner any more, or the member would have no role at all. */
    setRole: userProcedure.organizationOwner.input(memberInputs.setRole).mutation(async ({ ctx, input }) => {
      await setMemberRole(db, actorOf(ctx), input);
      return input;
    }),

    /** In this project alone. NOT_FOUND for those that `list` does not tell of. */
    setProjectRole: userProcedure.owner.input(memberInputs.setProjectRole).mutation(async ({ ctx, input }) => {
      await setProjectRole(db, actorOf(ctx), input);
      return input;
    }),

    /** From the organisation. CONFLICT for the last owner. */
    remove: userProcedure.organizationOwner.input(memberInputs.remove).mutation(async ({ ctx, input }) => {
      await removeMember(db, actorOf(ctx), input);
      return { userId: input.userId };
    }),

    /** The caller goes, from any organisation that they are in. CONFLICT for the last owner. */
    leave: userProcedure.viewer.input(memberInputs.leave).mutation(async ({ ctx, input }) => {
      await leaveOrganization(db, actorOf(ctx), input.organizationId);
      return input;
    }),

    /** Withdraws the role that somebody has in this project alone; whose last one it was leaves the organisation. */
    removeFromProject: userProcedure.owner.input(memberInputs.removeFromProject).mutation(async ({ ctx, input }) => {
      await removeFromProject(db, actorOf(ctx), input);
      return { userId: input.userId };
    }),

    /**
     * `path` is the link by which the member sets a new password, once and within a day; it is not told again. FORBIDDEN for who
     * is also in an organisation that the caller does not own.
     */
    resetLink: userProcedure.organizationOwner.input(memberInputs.resetLink).mutation(async ({ ctx, input }) => {
      const secret = await insertResetOfMember(db, actorOf(ctx), input.userId);
      return { path: `/reset/${secret}` };
    }),

    /** To the project; who owns the organisation sees all to that. */
    invitations: procedure.owner.query(({ ctx }) => listInvitations(db, ctx)),

    /** To all projects. `path` is the link to hand over, on this server; it is not told again. */
    invite: userProcedure.organizationOwner.input(memberInputs.invite).mutation(async ({ ctx, input }) => {
      const { id, secret } = await insertInvitation(db, actorOf(ctx), { ...input, to: 'organization' });
      return { id, path: `/join/${secret}` };
    }),

    /** To this project alone; as `invite`. */
    inviteToProject: userProcedure.owner.input(memberInputs.inviteToProject).mutation(async ({ ctx, input }) => {
      const { id, secret } = await insertInvitation(db, actorOf(ctx), { ...input, to: 'project' });
      return { id, path: `/join/${secret}` };
    }),

    /** NOT_FOUND for those that `invitations` does not tell of. */
    withdraw: userProcedure.owner.input(memberInputs.withdraw).mutation(async ({ ctx, input }) => {
      await deleteInvitation(db, actorOf(ctx), input.invitationId);
      return input;
    }),
  });
}
