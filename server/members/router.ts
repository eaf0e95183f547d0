import { memberInputs } from '#shared/access-inputs.ts';
import { actorOf } from '#server/identity/actor.ts';
import { procedure, router, userProcedure } from '#server/trpc/procedure.ts';
import type { Database } from '#server/db/database.ts';
import { deleteInvitation, insertInvitation, listInvitations } from './invitations.ts';
import { removeFromProject, setProjectRole } from './project-roles.ts';
import { insertResetOfMember, listMembers, setMemberRole } from './queries.ts';
import { leaveOrganization, removeMember } from './removal.ts';

/**
 * Members of a project and of its organisation. A member has a role in all projects of the organisation, roles in single
 * projects, or both; the greater role counts. API keys belong to one project and cannot change members.
 */
export function createMembersRouter({ db }: { db: Database }) {
  return router({
    /** Members with a role in the project. Owners of the organisation see all of its members. */
    list: procedure.viewer.query(({ ctx }) => listMembers(db, ctx)),

    /** Sets the role in all projects. CONFLICT when the organisation would have no owner or the member no role. */
    setRole: userProcedure.organizationOwner.input(memberInputs.setRole).mutation(async ({ ctx, input }) => {
      await setMemberRole(db, actorOf(ctx), input);
      return input;
    }),

    /** Sets the role in this project alone. NOT_FOUND for members that `list` does not show. */
    setProjectRole: userProcedure.owner.input(memberInputs.setProjectRole).mutation(async ({ ctx, input }) => {
      await setProjectRole(db, actorOf(ctx), input);
      return input;
    }),

    /** Removes a member from the organisation. CONFLICT for the last owner. */
    remove: userProcedure.organizationOwner.input(memberInputs.remove).mutation(async ({ ctx, input }) => {
      await removeMember(db, actorOf(ctx), input);
      return { userId: input.userId };
    }),

    /** Removes the caller from any of their organisations. CONFLICT for the last owner. */
    leave: userProcedure.viewer.input(memberInputs.leave).mutation(async ({ ctx, input }) => {
      await leaveOrganization(db, actorOf(ctx), input.organizationId);
      return input;
    }),

    /** Removes a member's role in this project alone, and the member from the organisation when it was their last role. */
    removeFromProject: userProcedure.owner.input(memberInputs.removeFromProject).mutation(async ({ ctx, input }) => {
      await removeFromProject(db, actorOf(ctx), input);
      return { userId: input.userId };
    }),

    /**
     * `path`: the link by which the member sets a new password, once and within a day; it is shown only here. FORBIDDEN for a
     * member who is also in an organisation that the caller does not own.
     */
    resetLink: userProcedure.organizationOwner.input(memberInputs.resetLink).mutation(async ({ ctx, input }) => {
      const secret = await insertResetOfMember(db, actorOf(ctx), input.userId);
      return { path: `/reset/${secret}` };
    }),

    /** Invitations to the project. Owners of the organisation see all invitations to the organisation. */
    invitations: procedure.owner.query(({ ctx }) => listInvitations(db, ctx)),

    /** Invites to all projects. `path`: the link to hand over, on this server; it is shown only here. */
    invite: userProcedure.organizationOwner.input(memberInputs.invite).mutation(async ({ ctx, input }) => {
      const { id, secret } = await insertInvitation(db, actorOf(ctx), { ...input, to: 'organization' });
      return { id, path: `/join/${secret}` };
    }),

    /** As `invite`, to this project alone. */
    inviteToProject: userProcedure.owner.input(memberInputs.inviteToProject).mutation(async ({ ctx, input }) => {
      const { id, secret } = await insertInvitation(db, actorOf(ctx), { ...input, to: 'project' });
      return { id, path: `/join/${secret}` };
    }),

    /** NOT_FOUND for invitations that `invitations` does not show. */
    withdraw: userProcedure.owner.input(memberInputs.withdraw).mutation(async ({ ctx, input }) => {
      await deleteInvitation(db, actorOf(ctx), input.invitationId);
      return input;
    }),
  });
}
