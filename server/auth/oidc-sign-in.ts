import type { IncomingMessage } from 'node:http';
import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Trx } from '#server/db/database.ts';
import { defaultOrganizationId } from '#server/identity/default-ids.ts';
import { acceptInvitation, findInvitation, findInvitationsOf, type Invitation } from '#server/members/invitations.ts';
import { addMember } from '#server/members/queries.ts';
import type { AccountAudit } from './account-audit.ts';
import { hashSecret } from '#server/identity/secrets.ts';
import { type Identity, OidcError } from './oidc-provider.ts';
import { deletePasswordReset } from '#server/account/password-reset.ts';
import { isNew, lockSignUps } from './sign-up.ts';

interface User {
  id: string;
  name: string;
  email: string;
}

/**
 * The id of the user that an identity of the OIDC provider belongs to: found by the provider's subject, else by a verified
 * e-mail address. Links the identity to the user, or creates the user, as needed. `invitation`: the secret of the invitation
 * link that they opened. Throws OidcError.
 */
export async function signInIdentity(
  trx: Trx,
  identity: Identity,
  { invitation, provider, raw, audit }: SignInContext,
): Promise<string> {
  await lockSignUps(trx);
  const linked = await findLinkedUser(trx, identity);
  const { user, change, isFirst } = linked
    ? { user: linked, change: undefined, isFirst: false }
    : await linkOrCreateUser(trx, identity);
  const accepted = await findAcceptable(trx, identity, user, invitation);
  // The event of a new account covers its one invitation. Several invitations have an event each, in their own scope.
  const covered = change === 'account.created' && accepted.length === 1 ? accepted[0] : undefined;
  for (const one of accepted) {
    await acceptInvitation(trx, one, user.id);
    if (one !== covered || one.projectId !== null) await audit.recordAcceptance(trx, raw, user, one);
  }
  if (change) {
    const role = isFirst ? 'owner' : covered?.role;
    await audit.recordIdentity(trx, raw, user, change, { provider, ...(role && { role }) });
  }
  await audit.recordIdentity(trx, raw, user, 'session.started', { provider });
  return user.id;
}

interface SignInContext {
  invitation: string | undefined;
  /** Name of the provider. */
  provider: string;
  raw: IncomingMessage;
  audit: AccountAudit;
}

function findLinkedUser(trx: Trx, { issuer, subject }: Identity): Promise<User | undefined> {
  return trx
    .selectFrom('credentials')
    .innerJoin('users', 'users.id', 'credentials.userId')
    .select(['users.id', 'users.name', 'users.email'])
    .where('credentials.providerId', '=', issuer)
    .where('credentials.accountId', '=', subject)
    .executeTakeFirst();
}

/** The first user becomes the owner of the default organisation; all others need an invitation. */
async function linkOrCreateUser(trx: Trx, identity: Identity) {
  const { email, isEmailVerified } = identity;
  if (email === undefined) throw new OidcError('no_address');
  if (!isEmailVerified) throw new OidcError('unverified');
  const known = await trx
    .selectFrom('users')
    .select(['id', 'name', 'email', 'emailVerified'])
    .where('email', '=', email)
    .executeTakeFirst();
  const isFirst = !known && (await isNew(trx));
  if (!known && !isFirst && (await findInvitationsOf(trx, email)).length === 0) throw new OidcError('uninvited');
  const user = known ?? (await createUser(trx, identity, email));
  if (isFirst) await addMember(trx, { organizationId: defaultOrganizationId, userId: user.id, role: 'owner' });
  if (known) await revokeUnverifiedAccess(trx, known, identity.issuer);
  await trx
    .insertInto('credentials')
    .values({ id: uuidv7(), userId: user.id, providerId: identity.issuer, accountId: identity.subject })
    .execute();
  return { user, isFirst, change: known ? ('account.linked' as const) : ('account.created' as const) };
}

/**
 * Deletes the password, sessions and reset link of a user without a verified e-mail address: another person may have set them.
 * Throws OidcError `taken` when the provider knows the address under another subject and the user is a member: the address may
 * have passed to another person, who must not inherit the membership.
 */
async function revokeUnverifiedAccess(
  trx: Trx,
  user: User & { emailVerified: boolean },
  issuer: string,
): Promise<void> {
  const another = await trx
    .selectFrom('credentials')
    .select('id')
    .where('userId', '=', user.id)
    .where('providerId', '=', issuer)
    .executeTakeFirst();
  if (another && (await isMember(trx, user.id))) throw new OidcError('taken');
  if (user.emailVerified && !another) return;
  await trx.deleteFrom('credentials').where('userId', '=', user.id).execute();
  await trx.deleteFrom('sessions').where('userId', '=', user.id).execute();
  await deletePasswordReset(trx, user.id);
  await trx
    .updateTable('users')
    .set({ emailVerified: true, updatedAt: sql<string>`now()` })
    .where('id', '=', user.id)
    .execute();
}

async function createUser(trx: Trx, identity: Identity, email: string): Promise<User> {
  const user = { id: uuidv7(), name: identity.name ?? email.replace(/@.*/, ''), email };
  await trx
    .insertInto('users')
    .values({ ...user, emailVerified: true })
    .execute();
  return user;
}

/**
 * The invitations that a sign-in accepts: that of the link, and for a user who is a member nowhere, all invitations to their
 * verified address. A member accepts other invitations by hand: otherwise any owner could add them by inviting them, and would
 * learn of their sign-ins.
 */
async function findAcceptable(
  trx: Trx,
  { email, isEmailVerified }: Identity,
  user: User,
  secret: string | undefined,
): Promise<Invitation[]> {
  const byLink = secret === undefined ? undefined : await findInvitation(trx, hashSecret(secret));
  if (byLink && byLink.email !== user.email) throw new OidcError('other_address');
  const takesAll = isEmailVerified && email === user.email && !(await isMember(trx, user.id));
  const byAddress = takesAll ? await findInvitationsOf(trx, email) : [];
  return [...byAddress, ...(byLink && !byAddress.some(({ id }) => id === byLink.id) ? [byLink] : [])];
}

async function isMember(trx: Trx, userId: string): Promise<boolean> {
  const member = await trx
    .selectFrom('members')
    .select('userId')
    .where('userId', '=', userId)
    .limit(1)
    .executeTakeFirst();
  return member !== undefined;
}
