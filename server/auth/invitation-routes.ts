import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Database } from '#server/db/database.ts';
import { hashSecret } from '#server/identity/secrets.ts';
import { AppError } from '#server/lib/errors.ts';
import { acceptInvitation, findInvitation, invitationNotFound } from '#server/members/invitations.ts';
import type { AccountAudit } from './account-audit.ts';
import type { Permissions } from './permissions.ts';

/** Shows the invitation of a link, and accepts it for a signed-in user. */
export function addInvitationRoutes(
  app: FastifyInstance,
  {
    db,
    audit,
    requireSession,
  }: { db: Database; audit: AccountAudit; requireSession(req: IncomingMessage): Promise<Permissions> },
): void {
  app.get<{ Params: { secret: string } }>('/api/invitations/:secret', async (request, reply) => {
    const invitation = (await findInvitation(db, hashSecret(request.params.secret))) ?? invitationNotFound();
    const { email, role, organization, project, invitedBy } = invitation;
    const user = await db.selectFrom('users').select('id').where('email', '=', email).executeTakeFirst();
    return reply.send({ email, role, organization, project, invitedBy, hasAccount: user !== undefined });
  });

  app.post<{ Params: { secret: string } }>('/api/invitations/:secret/accept', async (request, reply) => {
    const { principal, email } = await requireSession(request.raw);
    await db.transaction().execute(async (trx) => {
      const invitation = (await findInvitation(trx, hashSecret(request.params.secret))) ?? invitationNotFound();
      if (invitation.email !== email) {
        const message = `The invitation is for ${invitation.email}, and you are signed in as ${email}.`;
        audit.noteAcceptance(request.raw, principal, invitation, message);
        throw new AppError('FORBIDDEN', message);
      }
      await acceptInvitation(trx, invitation, principal.id);
      await audit.recordAcceptance(trx, request.raw, principal, invitation);
    });
    return reply.code(204).send();
  });
}
