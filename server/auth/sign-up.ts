import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { nameOf } from '#shared/inputs.ts';
import { takeLock } from '#server/db/advisory-locks.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { defaultOrganizationId } from '#server/identity/default-ids.ts';
import { hashSecret } from '#server/identity/secrets.ts';
import { AppError } from '#server/lib/errors.ts';
import { acceptInvitation, findInvitation, type Invitation, invitationNotFound } from '#server/members/invitations.ts';
import { addMember } from '#server/members/queries.ts';
import type { AccountAudit } from './account-audit.ts';
import { passwordSchema } from './password-schema.ts';

const signUpInput = z.object({
  name: nameOf(100),
  email: z.email('must be an e-mail address').max(200).toLowerCase(),
  password: passwordSchema,
  invitation: z.string().max(200).optional(),
});

type NewUser = Omit<z.infer<typeof signUpInput>, 'invitation'>;

/** Sign-ups exclude each other, so that only one of them is the first. Held until the transaction ends. */
export async function lockSignUps(trx: Trx): Promise<void> {
  await takeLock(trx, 'signUp');
}

/** True until the first user signs up, who becomes the owner of the default organisation. */
export async function isNew(db: Database): Promise<boolean> {
  return (await db.selectFrom('users').select('id').limit(1).executeTakeFirst()) === undefined;
}

/**
 * Creates a user and makes them a member: the first one as owner of the default organisation, all others by an invitation.
 * Resolves to the answer of `createUser`. Throws BAD_REQUEST, FORBIDDEN and NOT_FOUND.
 */
export async function signUp(
  trx: Trx,
  { raw, body, audit, createUser }: SignUpRequest & { createUser(user: NewUser): Promise<Response> },
): Promise<Response> {
  await lockSignUps(trx);
  const input = signUpInput.safeParse(body);
  if (!input.success)
    throw new AppError(
      'BAD_REQUEST',
      input.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join(' · '),
    );
  const { invitation: invitationSecret, ...user } = input.data;
  const invitation = (await isNew(trx)) ? undefined : await requireInvitation(trx, user.email, invitationSecret);
  const response = await createUser(user);
  if (!response.ok) return response;
  const { id } = await trx.selectFrom('users').select('id').where('email', '=', user.email).executeTakeFirstOrThrow();
  if (invitation) await acceptInvitation(trx, invitation, id);
  else await addMember(trx, { organizationId: defaultOrganizationId, userId: id, role: 'owner' });
  await audit.recordSignUp(trx, raw, { id, ...user }, invitation?.role ?? 'owner');
  if (invitation?.projectId) await audit.recordAcceptance(trx, raw, { id, ...user }, invitation);
  return response;
}

interface SignUpRequest {
  raw: IncomingMessage;
  body: unknown;
  audit: AccountAudit;
}

async function requireInvitation(trx: Trx, email: string, secret: string | undefined): Promise<Invitation> {
  if (secret === undefined)
    throw new AppError('FORBIDDEN', 'Only people with an invitation can sign up: ask an owner for one.');
  const invitation = (await findInvitation(trx, hashSecret(secret))) ?? invitationNotFound();
  if (invitation.email !== email)
    throw new AppError('FORBIDDEN', `The invitation is for ${invitation.email}; sign up with that address.`);
  return invitation;
}
