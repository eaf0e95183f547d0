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
 * The id of the user that an identity of the OIDC provider is, who is made or linked if need be: known by the provider's
 * subject, else by an address that the provider says is verified. `invitation`: the secret of the link that they came by.
 * Throws OidcError.
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
  // A new account tells of the one invitation that it is made for; of several, each is told where it comes from.
  const told = change === 'account.created' && accepted.length === 1 ? accepted[0] : undefined;
  for (const one of accepted) {
    await acceptInvitation(trx, one, user.id);
    if (one !== told || one.projectId !== null) await audit.recordAcceptance(trx, raw, user, one);
  }
  if (change) {
    const role = isFirst ? 'owner' : told?.role;
    await audit.recordIdentity(trx, raw, user, change, { provider, ...(role && { role }) });
  }
  await audit.recordIdentity(trx, raw, user, 'session.started', { provider });
  return user.id;
}

interface SignInContext {
  invitation: string | undefined;
  /** Its name. */
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

/** The first user owns the organisation that there is; everybody else needs an invitation. */
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
  if (known) await closeWhatWasOpen(trx, known, identity.issuer);
  await trx
    .insertInto('credentials')
    .values({ id: uuidv7(), userId: user.id, providerId: identity.issuer, accountId: identity.subject })
    .execute();
  return { user, isFirst, change: known ? ('account.linked' as const) : ('account.created' as const) };
}

/**
 * Nobody has shown that the address was theirs who set the password: it is void, and so are the sessions. An address that
 * has passed to somebody else at the provider does not bring along what a member has here; who is none has nothing.
 */
async function closeWhatWasOpen(trx: Trx, user: User & { emailVerified: boolean }, issuer: string): Promise<void> {
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
 * Whoever comes by a link accepts that invitation. Whose address is verified accepts all that are for it, unless they are a
 * member somewhere already: owners elsewhere, who would learn of their sign-ins, do not make them one by inviting them.
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
