import { v7 as uuidv7 } from 'uuid';
import { sql } from 'kysely';
import type { ProjectRole } from '#shared/project-role.ts';
import type { Actor } from '#server/audit/actor.ts';
import { recordAuditIn } from '#server/audit/record-audit.ts';
import { createSecret } from '#server/access/auth.ts';
import { deletePasswordReset, insertPasswordReset } from '#server/access/password-reset.ts';
import { deleteKeysOf } from '#server/keys/queries.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { AppError } from '#server/errors.ts';

const invitationDays = 7;

export interface Invitation {
  id: string;
  organizationId: string;
  organization: string;
  email: string;
  role: ProjectRole;
  invitedBy: string;
}

/** The organisation that a project belongs to. */
export async function getOrganizationOf(db: Database, projectId: string): Promise<{ id: string; name: string }> {
  return db
    .selectFrom('projects')
    .innerJoin('organizations', 'organizations.id', 'projects.organizationId')
    .select(['organizations.id', 'organizations.name'])
    .where('projects.id', '=', projectId)
    .executeTakeFirstOrThrow();
}

/** Everybody in the organisation of the project, who has been there longest first; with how many API keys they made in it. */
export async function listMembers(db: Database, projectId: string) {
  const { id } = await getOrganizationOf(db, projectId);
  const items = await db
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.userId')
    .select((query) => [
      'users.id',
      'users.name',
      'users.email',
      'members.role',
      'members.createdAt',
      query
        .selectFrom('apiKeys')
        .innerJoin('projects', 'projects.id', 'apiKeys.projectId')
        .select(sql<number>`count(*)::int`.as('count'))
        .where('projects.organizationId', '=', id)
        .whereRef('apiKeys.creatorId', '=', 'users.id')
        .$asScalar()
        .$notNull()
        .as('keyCount'),
    ])
    .where('members.organizationId', '=', id)
    .orderBy('members.createdAt')
    .orderBy('users.id')
    .execute();
  return { items };
}

export async function addMember(
  trx: Trx,
  member: { organizationId: string; userId: string; role: ProjectRole },
): Promise<void> {
  await trx
    .insertInto('members')
    .values(member)
    .onConflict((conflict) => conflict.columns(['organizationId', 'userId']).doUpdateSet({ role: member.role }))
    .execute();
}

/** Throws NOT_FOUND, and CONFLICT when nobody would own the organisation any more. */
export async function setMemberRole(
  db: Database,
  actor: Actor,
  { userId, role }: { userId: string; role: ProjectRole },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { id: organizationId } = await getOrganizationOf(trx, actor.projectId);
    await lockOwners(trx, organizationId);
    const before = await getMember(trx, organizationId, userId);
    if (before.role === role) return;
    await trx
      .updateTable('members')
      .set({ role })
      .where('organizationId', '=', organizationId)
      .where('userId', '=', userId)
      .execute();
    await requireOwner(trx, organizationId);
    await recordAuditIn(trx, { organizationId }, actor, {
      action: 'member.role_changed',
      target: { kind: 'member', id: userId, name: before.name },
      details: { changes: { role: { from: before.role, to: role } } },
    });
  });
}

/**
 * They keep their account, and lose their streams soon; `revokeKeys`: so do the API keys that they made. Throws NOT_FOUND, and
 * CONFLICT for the last owner.
 */
export async function removeMember(
  db: Database,
  actor: Actor,
  { userId, revokeKeys }: { userId: string; revokeKeys: boolean },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { id: organizationId } = await getOrganizationOf(trx, actor.projectId);
    await lockOwners(trx, organizationId);
    const { name } = await getMember(trx, organizationId, userId);
    await trx.deleteFrom('members').where('organizationId', '=', organizationId).where('userId', '=', userId).execute();
    await requireOwner(trx, organizationId);
    const target = { kind: 'member', id: userId, name } as const;
    await recordAuditIn(trx, { organizationId }, actor, { action: 'member.removed', target });
    await deletePasswordReset(trx, userId);
    if (revokeKeys) await deleteKeysOf(trx, actor, organizationId, userId);
  });
}

/** The secret of a link. Throws NOT_FOUND, and FORBIDDEN for who is also where the actor owns nothing. */
export async function insertResetOfMember(db: Database, actor: Actor, userId: string): Promise<string> {
  return db.transaction().execute(async (trx) => {
    const { id: organizationId } = await getOrganizationOf(trx, actor.projectId);
    const { name } = await getMember(trx, organizationId, userId);
    const elsewhere = await trx
      .selectFrom('members')
      .select('organizationId')
      .where('userId', '=', userId)
      .where('organizationId', 'not in', (query) =>
        query.selectFrom('members').select('organizationId').where('userId', '=', actor.id).where('role', '=', 'owner'),
      )
      .executeTakeFirst();
    if (elsewhere)
      throw new AppError('FORBIDDEN', `${name} is also in an organisation that you do not own: ask its owner, too.`);
    const secret = await insertPasswordReset(trx, userId);
    const target = { kind: 'member', id: userId, name } as const;
    await recordAuditIn(trx, { organizationId }, actor, { action: 'member.reset_link_created', target });
    return secret;
  });
}

/** Throws NOT_FOUND. */
async function getMember(trx: Trx, organizationId: string, userId: string) {
  const member = await trx
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.userId')
    .select(['users.name', 'members.role'])
    .where('members.organizationId', '=', organizationId)
    .where('members.userId', '=', userId)
    .executeTakeFirst();
  if (!member) throw new AppError('NOT_FOUND', `There is no member ${userId}.`);
  return member;
}

/** So that two owners cannot remove each other at once. */
async function lockOwners(trx: Trx, organizationId: string): Promise<void> {
  await trx.selectFrom('organizations').select('id').where('id', '=', organizationId).forUpdate().execute();
}

async function requireOwner(trx: Trx, organizationId: string): Promise<void> {
  const owner = await trx
    .selectFrom('members')
    .select('userId')
    .where('organizationId', '=', organizationId)
    .where('role', '=', 'owner')
    .limit(1)
    .executeTakeFirst();
  if (!owner) throw new AppError('CONFLICT', 'This is the last owner: make somebody else an owner first.');
}

/** Those that have not been accepted and have not expired, the newest first. */
export async function listInvitations(db: Database, projectId: string) {
  const { id } = await getOrganizationOf(db, projectId);
  const items = await db
    .selectFrom('invitations')
    .select(['id', 'email', 'role', 'invitedBy', 'createdAt', 'expiresAt'])
    .where('organizationId', '=', id)
    .where('expiresAt', '>', sql<string>`now()`)
    .orderBy('id', 'desc')
    .execute();
  return { items };
}

/**
 * Invites somebody, and returns the secret of the link, which is not kept and so cannot be told again. An earlier
 * invitation of the same address is void. Throws CONFLICT for somebody who is a member already.
 */
export async function insertInvitation(
  db: Database,
  actor: Actor,
  { email, role }: { email: string; role: ProjectRole },
): Promise<{ id: string; secret: string }> {
  return db.transaction().execute(async (trx) => {
    const { id: organizationId } = await getOrganizationOf(trx, actor.projectId);
    const member = await trx
      .selectFrom('members')
      .innerJoin('users', 'users.id', 'members.userId')
      .select('users.id')
      .where('members.organizationId', '=', organizationId)
      .where('users.email', '=', email)
      .executeTakeFirst();
    if (member) throw new AppError('CONFLICT', `${email} is a member already.`, { field: 'email' });
    await trx
      .deleteFrom('invitations')
      .where('organizationId', '=', organizationId)
      .where('email', '=', email)
      .execute();
    const id = uuidv7();
    const { secret, hash } = createSecret('');
    await trx
      .insertInto('invitations')
      .values({
        id,
        organizationId,
        email,
        role,
        secretHash: hash,
        invitedBy: actor.name,
        expiresAt: sql<string>`now() + ${invitationDays} * interval '1 day'`,
      })
      .execute();
    const target = { kind: 'invitation', id, name: email } as const;
    await recordAuditIn(trx, { organizationId }, actor, { action: 'invitation.created', target, details: { role } });
    return { id, secret };
  });
}

/** Throws NOT_FOUND. */
export async function deleteInvitation(db: Database, actor: Actor, invitationId: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { id: organizationId } = await getOrganizationOf(trx, actor.projectId);
    const invitation = await trx
      .deleteFrom('invitations')
      .where('id', '=', invitationId)
      .where('organizationId', '=', organizationId)
      .returning('email')
      .executeTakeFirst();
    if (!invitation) throw new AppError('NOT_FOUND', `There is no invitation ${invitationId}.`);
    const target = { kind: 'invitation', id: invitationId, name: invitation.email } as const;
    await recordAuditIn(trx, { organizationId }, actor, { action: 'invitation.withdrawn', target });
  });
}

/** The invitation of a link, while it can be accepted. */
export function findInvitation(db: Database, secretHash: string): Promise<Invitation | undefined> {
  return acceptable(db).where('invitations.secretHash', '=', secretHash).executeTakeFirst();
}

/** All that somebody with this address can accept. */
export function findInvitationsOf(db: Database, email: string): Promise<Invitation[]> {
  return acceptable(db).where('invitations.email', '=', email).execute();
}

function acceptable(db: Database) {
  return db
    .selectFrom('invitations')
    .innerJoin('organizations', 'organizations.id', 'invitations.organizationId')
    .select([
      'invitations.id',
      'invitations.organizationId',
      'organizations.name as organization',
      'invitations.email',
      'invitations.role',
      'invitations.invitedBy',
    ])
    .where('invitations.expiresAt', '>', sql<string>`now()`);
}

export function invitationNotFound(): never {
  throw new AppError('NOT_FOUND', 'There is no such invitation: it was accepted or withdrawn, or it has expired.');
}

/** Makes the user a member and the invitation void. */
export async function acceptInvitation(trx: Trx, invitation: Invitation, userId: string): Promise<void> {
  const { numDeletedRows } = await trx.deleteFrom('invitations').where('id', '=', invitation.id).executeTakeFirst();
  if (numDeletedRows === 0n) invitationNotFound();
  await addMember(trx, { organizationId: invitation.organizationId, userId, role: invitation.role });
}
