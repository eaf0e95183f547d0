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
  /** Null: the invitation is to all projects of the organisation. */
  projectId: string | null;
  project: string | null;
  email: string;
  role: ProjectRole;
  invitedBy: string;
}

/** Where the audit log lists events of an invitation. */
export function scopeOf({ organizationId, projectId }: Pick<Invitation, 'organizationId' | 'projectId'>): AuditScope {
  return projectId === null ? { organizationId } : { projectId };
}

/**
 * The valid invitations to a project, newest first; owners of its organisation see all invitations to the organisation.
 * `project`: the name of the project; null for an invitation to all projects.
 */
export async function listInvitations(db: Database, { projectId, organizationId, ownsOrganization }: CallerScope) {
  const items = await selectValid(db)
    .select(['invitations.id', 'email', 'role', 'invitedBy', 'invitations.createdAt', 'expiresAt'])
    .select('projects.name as project')
    .where('invitations.organizationId', '=', organizationId)
    .$if(!ownsOrganization, (query) => query.where('projectId', '=', projectId))
    .orderBy('invitations.id', 'desc')
    .execute();
  return { items };
}

/**
 * Invites an e-mail address to the actor's project, or to all projects of its organisation. Resolves to the secret of the link;
 * the database stores its hash alone. Replaces an earlier invitation of the address to the same. Throws CONFLICT when a user
 * with this address is a member already.
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

/** Throws NOT_FOUND for an invitation that `listInvitations` does not show to the actor. */
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

/** The invitation of a link; undefined unless it is valid. */
export function findInvitation(db: Database, secretHash: string): Promise<Invitation | undefined> {
  return selectInvitations(db).where('invitations.secretHash', '=', secretHash).executeTakeFirst();
}

/** The valid invitations of an e-mail address. */
export function findInvitationsOf(db: Database, email: string): Promise<Invitation[]> {
  return selectInvitations(db).where('invitations.email', '=', email).execute();
}

function selectInvitations(db: Database) {
  return selectValid(db)
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

/**
 * Invitations that have not expired and that their inviter could still make: a removed member cannot come back by an invitation
 * of their own.
 */
function selectValid(db: Database) {
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
  throw new AppError('NOT_FOUND', 'There is no such invitation: it was accepted or withdrawn, or has expired.');
}

/** Makes the user a member and deletes the invitation. Throws NOT_FOUND. */
export async function acceptInvitation(trx: Trx, invitation: Invitation, userId: string): Promise<void> {
  const { organizationId, projectId, role } = invitation;
  // The project is locked first, in the same order as when it is moved. A move deletes the invitation.
  if (projectId !== null) await lockProject(trx, projectId);
  const { numDeletedRows } = await trx.deleteFrom('invitations').where('id', '=', invitation.id).executeTakeFirst();
  if (numDeletedRows === 0n) invitationNotFound();
  await addMember(trx, { organizationId, projectId, userId, role });
}
