import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Trx } from '#server/db/database.ts';
import { defaultOrganizationId } from '#server/default-project.ts';
import {
  acceptInvitation,
  addMember,
  findInvitation,
  findInvitationsOf,
  type Invitation,
} from '#server/members/queries.ts';
import { hashSecret } from './auth.ts';
import { type Identity, OidcError } from './oidc-provider.ts';
import { isNew, lockSignUps } from './sign-up.ts';

/**
 * The id of the user that an identity of the OIDC provider is, who is made or linked if need be: known by the provider's
 * subject, else by an address that the provider says is verified. `invitation`: the secret of the link that they came by.
 * Throws OidcError.
 */
export async function signInIdentity(trx: Trx, identity: Identity, invitation: string | undefined): Promise<string> {
  await lockSignUps(trx);
  const user = (await findLinkedUser(trx, identity)) ?? (await linkOrCreateUser(trx, identity));
  for (const accepted of await findAcceptable(trx, identity, user, invitation))
    await acceptInvitation(trx, accepted, user.id);
  return user.id;
}

interface User {
  id: string;
  email: string;
}

function findLinkedUser(trx: Trx, { issuer, subject }: Identity): Promise<User | undefined> {
  return trx
    .selectFrom('credentials')
    .innerJoin('users', 'users.id', 'credentials.userId')
    .select(['users.id', 'users.email'])
    .where('credentials.providerId', '=', issuer)
    .where('credentials.accountId', '=', subject)
    .executeTakeFirst();
}

async function linkOrCreateUser(trx: Trx, identity: Identity): Promise<User> {
  const { email, isEmailVerified } = identity;
  if (email === undefined) throw new OidcError('no_address');
  if (!isEmailVerified) throw new OidcError('unverified');
  const known = await trx
    .selectFrom('users')
    .select(['id', 'email', 'emailVerified'])
    .where('email', '=', email)
    .executeTakeFirst();
  const user = known ?? (await createUser(trx, identity, email));
  // Nobody has shown that the address is that of whoever set the password: what they left open is closed.
  if (known && !known.emailVerified) {
    await trx.deleteFrom('credentials').where('userId', '=', user.id).where('providerId', '=', 'credential').execute();
    await trx.deleteFrom('sessions').where('userId', '=', user.id).execute();
    await trx
      .updateTable('users')
      .set({ emailVerified: true, updatedAt: sql<string>`now()` })
      .where('id', '=', user.id)
      .execute();
  }
  await trx
    .insertInto('credentials')
    .values({ id: uuidv7(), userId: user.id, providerId: identity.issuer, accountId: identity.subject })
    .execute();
  return user;
}

/** The first user owns the organisation that there is; everybody else needs an invitation. */
async function createUser(trx: Trx, { name }: Identity, email: string): Promise<User> {
  const isFirst = await isNew(trx);
  if (!isFirst && (await findInvitationsOf(trx, email)).length === 0) throw new OidcError('uninvited');
  const id = uuidv7();
  await trx
    .insertInto('users')
    .values({ id, name: name ?? email.replace(/@.*/, ''), email, emailVerified: true })
    .execute();
  if (isFirst) await addMember(trx, { organizationId: defaultOrganizationId, userId: id, role: 'owner' });
  return { id, email };
}

/** Whoever comes by a link accepts that invitation; whose address is verified, all that are for it. */
async function findAcceptable(
  trx: Trx,
  { email, isEmailVerified }: Identity,
  user: User,
  secret: string | undefined,
): Promise<Invitation[]> {
  const byLink = secret === undefined ? undefined : await findInvitation(trx, hashSecret(secret));
  if (byLink && byLink.email !== user.email) throw new OidcError('other_address');
  const byAddress = isEmailVerified && email === user.email ? await findInvitationsOf(trx, email) : [];
  return [...byAddress, ...(byLink && !byAddress.some(({ id }) => id === byLink.id) ? [byLink] : [])];
}
