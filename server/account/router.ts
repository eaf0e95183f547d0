import { accountInputs } from '#shared/access-inputs.ts';
import type { KeyRole } from '#shared/project-role.ts';
import type { Principal } from '#server/identity/caller.ts';
import { actorOf } from '#server/identity/actor.ts';
import { procedure, router, userProcedure } from '#server/trpc/procedure.ts';
import type { Database } from '#server/db/database.ts';
import { deleteSession, getProjectName, listOwnProjects, listSessions } from './queries.ts';

/** Guests may not call these procedures. */
type Member = Principal & { kind: Exclude<Principal['kind'], 'link'> };

export function createAccountRouter({ db }: { db: Database }) {
  return router({
    /** The caller, their role in this project, and their projects. */
    me: procedure.viewer.query(async ({ ctx: { principal, projectId, role, ownsOrganization } }) => {
      const [name, projects] = await Promise.all([
        getProjectName(db, projectId),
        principal.kind === 'user' ? listOwnProjects(db, principal.id) : [],
      ]);
      return {
        ...(principal as Member),
        role: role as KeyRole,
        ownsOrganization,
        project: { id: projectId, name },
        projects,
      };
    }),

    /** The caller's sessions, and whether they have a password. */
    sessions: userProcedure.viewer.query(({ ctx }) => listSessions(db, ctx.userId, ctx.sessionId)),

    revokeSession: userProcedure.viewer
      .input(accountInputs.revokeSession)
      .mutation(async ({ ctx, input: { sessionId } }) => {
        await deleteSession(db, actorOf(ctx), sessionId);
        return { sessionId };
      }),
  });
}
