import { sql } from 'kysely';
import type { ProjectRole } from '#shared/project-role.ts';
import type { Actor } from '#server/identity/actor.ts';
import { recordAuditIn } from '#server/audit/record-audit.ts';
import type { Database } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';

export interface OwnProject {
  id: string;
  name: string;
  organizationId: string;
  organization: string;
  role: ProjectRole;
  ownsOrganization: boolean;
}

/** The projects in which a user has a role, ordered by organisation and name. */
export function listOwnProjects(db: Database, userId: string): Promise<OwnProject[]> {
  return db
    .selectFrom('projectRoles')
    .innerJoin('organizations', 'organizations.id', 'projectRoles.organizationId')
    .innerJoin('projects', 'projects.id', 'projectRoles.projectId')
    .select([
      'projects.id',
      'projects.name',
      'organizations.id as organizationId',
      'organizations.name as organization',
    ])
    .select(['projectRoles.role', 'projectRoles.ownsOrganization'])
    .where('projectRoles.userId', '=', userId)
    .orderBy('organizations.name')
    .orderBy('organizations.id')
    .orderBy('projects.name')
    .orderBy('projects.id')
    .execute();
}

export async function getProjectName(db: Database, projectId: string): Promise<string> {
  const { name } = await db.selectFrom('projects').select('name').where('id', '=', projectId).executeTakeFirstOrThrow();
  return name;
}

/** The sessions of a user, latest first. `hasPassword`: whether they can sign in with a password, not only by the OIDC provider. */
export async function listSessions(db: Database, userId: string, ownId: string | undefined) {
  const credential = await db
    .selectFrom('credentials')
    .select('id')
    .where('userId', '=', userId)
    .where('providerId', '=', 'credential')
    .where('password', 'is not', null)
    .executeTakeFirst();
  const rows = await db
    .selectFrom('sessions')
    .select(['id', 'ipAddress', 'userAgent', 'createdAt', 'updatedAt', 'expiresAt'])
    .where('userId', '=', userId)
    .where('expiresAt', '>', sql<string>`now()`)
    .orderBy('createdAt', 'desc')
    .execute();
  return {
    items: rows.map((session) => ({ ...session, isThisOne: session.id === ownId })),
    hasPassword: credential !== undefined,
  };
}

/** Ends a session of the actor; its streams end at the next check. Throws NOT_FOUND. */
export async function deleteSession(db: Database, actor: Actor, sessionId: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const session = await trx
      .deleteFrom('sessions')
      .where('id', '=', sessionId)
      .where('userId', '=', actor.id)
      .returning('ipAddress')
      .executeTakeFirst();
    if (!session) throw new AppError('NOT_FOUND', `There is no session ${sessionId}.`);
    const target = { kind: 'session', id: sessionId, name: session.ipAddress ?? 'unknown address' } as const;
    await recordAuditIn(trx, { userId: actor.id }, actor, { action: 'session.revoked', target });
  });
}
