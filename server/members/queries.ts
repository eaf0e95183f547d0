import { type RawBuilder, sql } from 'kysely';
import { type ProjectRole, projectRoles } from '#shared/project-role.ts';
import { hashSecret } from '#server/identity/secrets.ts';
import type { CallerScope } from '#server/identity/caller.ts';
import { findPasswordReset, insertPasswordReset } from '#server/account/password-reset.ts';
import type { CallerActor } from '#server/identity/actor.ts';
import { recordAuditIn } from '#server/audit/record-audit.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { lockOrganizations, requireOwner } from '#server/organizations/queries.ts';
import { lockMember } from './lock-member.ts';
import { hasProjectRole } from './project-roles.ts';

/**
 * Members with a role in the project, in the order in which they joined. Owners of the organisation see all of its members.
 * `role` holds in all projects, `projectRole` in this one; `elsewhere` names other projects in which the member has a role.
 * `keyCount` and `projectKeyCount` count the API keys that the member made in the organisation and in this project.
 */
export async function listMembers(db: Database, { projectId, organizationId, ownsOrganization }: CallerScope) {
  // Only owners of the organisation see what concerns other projects.
  const isShown = sql.lit(ownsOrganization);
  const items = await db
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.userId')
    .leftJoin('projectMembers', (join) =>
      join.onRef('projectMembers.userId', '=', 'members.userId').on('projectMembers.projectId', '=', projectId),
    )
    .select([
      'users.id',
      'users.name',
      'users.email',
      'members.role',
      'projectMembers.role as projectRole',
      'members.createdAt',
    ])
    .select((query) => {
      const keys = query
        .selectFrom('apiKeys')
        .innerJoin('projects', 'projects.id', 'apiKeys.projectId')
        .select(sql<number>`count(*)::int`.as('count'))
        .where('projects.organizationId', '=', organizationId)
        .whereRef('apiKeys.creatorId', '=', 'users.id');
      const others = query
        .selectFrom('projectMembers as others')
        .innerJoin('projects', 'projects.id', 'others.projectId')
        .select(sql<string[]>`coalesce(json_agg(projects.name order by projects.name), '[]')`.as('names'))
        .where('others.organizationId', '=', organizationId)
        .where('others.projectId', '!=', projectId)
        .whereRef('others.userId', '=', 'users.id');
      return [
        keys
          .where((eb) => eb.or([isShown, eb('projects.id', '=', projectId)]))
          .$asScalar()
          .$notNull()
          .as('keyCount'),
        keys.where('projects.id', '=', projectId).$asScalar().$notNull().as('projectKeyCount'),
        others.where(isShown).$asScalar().$notNull().as('elsewhere'),
      ];
    })
    .where('members.organizationId', '=', organizationId)
    .where((eb) => eb.or([isShown, eb('members.role', 'is not', null), eb('projectMembers.role', 'is not', null)]))
    .orderBy('members.createdAt')
    .orderBy('users.id')
    .execute();
  return { items };
}

/** Gives a user `role` in all projects, or in `projectId` alone. A greater role that they have there stays. */
export async function addMember(
  trx: Trx,
  member: { organizationId: string; userId: string; role: ProjectRole; projectId?: string | null },
): Promise<void> {
  const { organizationId, userId, role, projectId = null } = member;
  await trx
    .insertInto('members')
    .values({ organizationId, userId, role: projectId === null ? role : null })
    // Also updates an existing row: this waits for a transaction that is removing the member, and then adds them again.
    .onConflict((conflict) =>
      conflict.columns(['organizationId', 'userId']).doUpdateSet({ role: greaterRole('members') }),
    )
    .execute();
  if (projectId === null) return;
  await trx
    .insertInto('projectMembers')
    .values({ organizationId, userId, projectId, role })
    .onConflict((conflict) =>
      conflict.columns(['projectId', 'userId']).doUpdateSet({ role: greaterRole<ProjectRole>('project_members') }),
    )
    .execute();
}

/** The greater of the existing role and the inserted one. */
function greaterRole<T extends ProjectRole | null>(table: 'members' | 'project_members'): RawBuilder<T> {
  const rank = (role: RawBuilder<unknown>) => sql`coalesce(array_position(${[...projectRoles]}::text[], ${role}), 0)`;
  const [given, known] = [sql.ref('excluded.role'), sql.ref(`${table}.role`)];
  return sql<T>`case when ${rank(given)} > ${rank(known)} then ${given} else ${known} end`;
}

/**
 * Sets a member's role in all projects; with null, only their roles in single projects stay. Throws NOT_FOUND, and CONFLICT when
 * the organisation would have no owner or the member no role.
 */
export async function setMemberRole(
  db: Database,
  actor: CallerActor,
  { userId, role }: { userId: string; role: ProjectRole | null },
): Promise<void> {
  const { organizationId } = actor;
  await db.transaction().execute(async (trx) => {
    await lockOrganizations(trx, [organizationId]);
    const before = await lockMember(trx, { organizationId, userId });
    if (before.role === role) return;
    if (role === null && !(await hasProjectRole(trx, { organizationId, userId })))
      throw new AppError(
        'CONFLICT',
        `${before.name} has no role in any single project: give them one first, or remove them.`,
      );
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
 * The secret of a link that resets a member's password. Throws NOT_FOUND, and FORBIDDEN for a member who is also in an
 * organisation that the actor does not own.
 */
export async function insertResetOfMember(db: Database, actor: CallerActor, userId: string): Promise<string> {
  const { organizationId } = actor;
  return db.transaction().execute(async (trx) => {
    const { name } = await lockMember(trx, { organizationId, userId });
    const secret = await insertPasswordReset(trx, { organizationId }, actor, { id: userId, name });
    // A link works only while its maker owns all organisations of the member, which may be false from the start.
    if (!(await findPasswordReset(trx, hashSecret(secret))))
      throw new AppError('FORBIDDEN', `${name} is also in an organisation that you do not own: ask its owner, too.`);
    return secret;
  });
}
