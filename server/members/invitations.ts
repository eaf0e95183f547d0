import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { ProjectRole } from '#shared/project-role.ts';
import { createSecret } from '#server/identity/secrets.ts';
import type { CallerScope } from '#server/identity/caller.ts';
import type { CallerActor } from '#server/identity/actor.ts';
import { type AuditScope, recordAuditIn } from '#server/audit/record-audit.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { lockProject, lockProjectOf } from '#server/organizations/queries.ts';
import { addMember } from './queries.ts';

const invitationDays = 7;

export interface Invitation {
  id: string;
  organizationId: string;
  organization: string;
  /** Of the one that it is for; null: it is for all of the organisation. */
  projectId: string | null;
  project: string | null;
  email: string;
  role: ProjectRole;
  invitedBy: string;
}

/** Whom an invitation concerns, and so where its events are listed. */
export function scopeOf({ organizationId, projectId }: Pick<Invitation, 'organizationId' | 'projectId'>): AuditScope {
  return projectId === null ? { organizationId } : { projectId };
}

/**
 * Those to the project that can be accepted, the newest first; for who owns its organisation, all to that. `project`: the name
 * of the one that it is for; null: it is for all.
 */
export async function listInvitations(db: Database, { projectId, organizationId, ownsOrganization }: CallerScope) {
  const items = await acceptable(db)
    .select(['invitations.id', 'email', 'role', 'invitedBy', 'invitations.createdAt', 'expiresAt'])
    .select('projects.name as project')
    .where('invitations.organizationId', '=', organizationId)
    .$if(!ownsOrganization, (query) => query.where('projectId', '=', projectId))
    .orderBy('invitations.id', 'desc')
    .execute();
  return { items };
}

/**
 * Invites somebody to the actor's project alone, or to all projects of its organisation, and returns the secret of the link,
 * which is not kept and so cannot be told again. An earlier invitation of the same address to the same is void. Throws
 * CONFLICT for somebody who is in it already.
 */
export async function insertInvitation(
  db: Database,
  actor: CallerActor,
  { email, role, to }: { email: string; role: ProjectRole; to: 'project' | 'organization' },
): Promise<{ id: string; secret: string }> {
  const { organizationId } = actor;
  return db.transaction().execute(async (trx) => {
    await lockProjectOf(trx, actor);
    const projectId = to === 'project' ? actor.projectId : null;
    const member = await trx
      .selectFrom('projectRoles')
      .innerJoin('users', 'users.id', 'projectRoles.userId')
      .select('users.id')
      .where('projectRoles.organizationId', '=', organizationId)
      .$if(projectId !== null, (query) => query.where('projectRoles.projectId', '=', projectId!))
      .where('users.email', '=', email)
      .limit(1)
      .executeTakeFirst();
    if (member) throw new AppError('CONFLICT', `${email} is a member already.`, { field: 'email' });
    await trx
      .deleteFrom('invitations')
      .where('organizationId', '=', organizationId)
      .where('projectId', 'is not distinct from', projectId)
      .where('email', '=', email)
      .execute();
    const id = uuidv7();
    const { secret, hash } = createSecret('');
    await trx
      .insertInto('invitations')
      .values({
        id,
        organizationId,
        projectId,
        email,
        role,
        secretHash: hash,
        invitedBy: actor.name,
        inviterId: actor.id,
        expiresAt: sql<string>`now() + ${invitationDays} * interval '1 day'`,
      })
      .execute();
    await recordAuditIn(trx, scopeOf({ organizationId, projectId }), actor, {
      action: 'invitation.created',
      target: { kind: 'invitation', id, name: email },
      details: { role },
    });
    return { id, secret };
  });
}

/** One that `listInvitations` tells of. Throws NOT_FOUND. */
export async function deleteInvitation(db: Database, actor: CallerActor, invitationId: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const invitation = await trx
      .deleteFrom('invitations')
      .where('id', '=', invitationId)
      .where('organizationId', '=', actor.organizationId)
      .$if(!actor.ownsOrganization, (query) => query.where('projectId', '=', actor.projectId))
      .returning(['email', 'organizationId', 'projectId'])
      .executeTakeFirst();
    if (!invitation) throw new AppError('NOT_FOUND', `There is no invitation ${invitationId}.`);
    const target = { kind: 'invitation', id: invitationId, name: invitation.email } as const;
    await recordAuditIn(trx, scopeOf(invitation), actor, { action: 'invitation.withdrawn', target });
  });
}

/** The invitation of a link, while it can be accepted. */
export function findInvitation(db: Database, secretHash: string): Promise<Invitation | undefined> {
  return selectInvitations(db).where('invitations.secretHash', '=', secretHash).executeTakeFirst();
}

/** All that somebody with this address can accept. */
export function findInvitationsOf(db: Database, email: string): Promise<Invitation[]> {
  return selectInvitations(db).where('invitations.email', '=', email).execute();
}

function selectInvitations(db: Database) {
  return acceptable(db)
    .innerJoin('organizations', 'organizations.id', 'invitations.organizationId')
    .select([
      'invitations.id',
      'invitations.organizationId',
      'organizations.name as organization',
      'invitations.projectId',
      'projects.name as project',
      'invitations.email',
      'invitations.role',
      'invitations.invitedBy',
    ]);
}

/** Those that have not expired, and whose makers could still make them: nobody who is removed comes back by a link of theirs. */
function acceptable(db: Database) {
  return db
    .selectFrom('invitations')
    .leftJoin('projects', 'projects.id', 'invitations.projectId')
    .where('invitations.expiresAt', '>', sql<string>`now()`)
    .where(({ eb, or, exists, selectFrom }) =>
      or([
        eb('invitations.inviterId', 'is', null),
        exists(
          selectFrom('projectRoles as inviter')
            .select('inviter.userId')
            .whereRef('inviter.userId', '=', 'invitations.inviterId')
            .whereRef('inviter.organizationId', '=', 'invitations.organizationId')
            .where('inviter.role', '=', 'owner')
            .where((of) =>
              of.or([
                of('inviter.ownsOrganization', '=', true),
                of('inviter.projectId', '=', of.ref('invitations.projectId')),
              ]),
            ),
        ),
      ]),
    );
}

export function invitationNotFound(): never {
  throw new AppError('NOT_FOUND', 'There is no such invitation: it was accepted or withdrawn, or it has expired.');
}

/** Makes the user a member and the invitation void. */
export async function acceptInvitation(trx: Trx, invitation: Invitation, userId: string): Promise<void> {
  const { organizationId, projectId, role } = invitation;
  // Before all else, as whoever moves it does; where it has gone, the invitation is void.
  if (projectId !== null) await lockProject(trx, projectId);
  const { numDeletedRows } = await trx.deleteFrom('invitations').where('id', '=', invitation.id).executeTakeFirst();
  if (numDeletedRows === 0n) invitationNotFound();
  await addMember(trx, { organizationId, projectId, userId, role });
}
