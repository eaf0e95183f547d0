import { accountInputs } from '#shared/access-inputs.ts';
import { actorOf } from '#server/identity/actor.ts';
import { requirePerson } from '#server/identity/require-person.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { deleteSession, getProjectName, listOwnProjects, listSessions } from './queries.ts';

export const accountRouter = router({
  /** Who asks, in which project and with which role, and which projects there are for them. */
  me: procedure.viewer.query(async ({ ctx: { services, principal, projectId, role, ownsOrganization } }) => {
    const [name, projects] = await Promise.all([
      getProjectName(services.db, projectId),
      principal.kind === 'user' ? listOwnProjects(services.db, principal.id) : [],
    ]);
    return { ...principal, role, ownsOrganization, project: { id: projectId, name }, projects };
  }),

  /** Where the caller is signed in, and whether they have a password. */
  sessions: procedure.viewer.query(({ ctx }) => listSessions(ctx.services.db, requirePerson(ctx), ctx.sessionId)),

  revokeSession: procedure.viewer.input(accountInputs.revokeSession).mutation(async ({ ctx, input: { sessionId } }) => {
    requirePerson(ctx);
    await deleteSession(ctx.services.db, actorOf(ctx), sessionId);
    return { sessionId };
  }),
});
