import { type RawBuilder, sql } from 'kysely';
import { type ProjectRole, projectRoles } from '#shared/project-role.ts';
import { hashSecret } from '#server/identity/secrets.ts';
import type { CallerScope } from '#server/identity/caller.ts';
import { deletePasswordReset, findPasswordReset, insertPasswordReset } from '#server/account/password-reset.ts';
import type { Actor, CallerActor } from '#server/identity/actor.ts';
import { recordAudit, recordAuditIn } from '#server/audit/record-audit.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { deleteKeysOf } from '#server/keys/queries.ts';
import { lockOrganizations, lockProjectOf } from '#server/organizations/queries.ts';

/**
 * Those who have a role in the project, who has been there longest first; for who owns its organisation, everybody in that.
 * `role` is for all projects, `projectRole` for this one; `elsewhere` names the others in which they have one of their own.
 * `keyCount` and `projectKeyCount`: how many API keys they made in the organisation, and in this project.
 */
export async function listMembers(db: Database, { projectId, organizationId, ownsOrganization }: CallerScope) {
  // What is of other projects is for who owns them.
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

/** `role`: in all projects, or in the one of `projectId`. Who has a greater one there already keeps it. */
export async function addMember(
  trx: Trx,
  member: { organizationId: string; userId: string; role: ProjectRole; projectId?: string | null },
): Promise<void> {
  const { organizationId, userId, role, projectId = null } = member;
  await trx
    .insertInto('members')
    .values({ organizationId, userId, role: projectId === null ? role : null })
    // Who is in it is updated in any case: this waits for whoever is just removing them, and makes them a member again.
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

/** Of the role that is there and that which is being inserted. */
function greaterRole<T extends ProjectRole | null>(table: 'members' | 'project_members'): RawBuilder<T> {
  const rank = (role: RawBuilder<unknown>) => sql`coalesce(array_position(${[...projectRoles]}::text[], ${role}), 0)`;
  const [given, known] = [sql.ref('excluded.role'), sql.ref(`${table}.role`)];
  return sql<T>`case when ${rank(given)} > ${rank(known)} then ${given} else ${known} end`;
}

/**
 * In all projects; null: in those alone in which they have a role of their own. Throws NOT_FOUND, and CONFLICT when nobody would
 * own the organisation any more, or the member would have no role at all.
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

/** In the actor's project, to whoever `listMembers` tells them of. Throws NOT_FOUND. */
export async function setProjectRole(
  db: Database,
  actor: CallerActor,
  { userId, role }: { userId: string; role: ProjectRole },
): Promise<void> {
  const { projectId, organizationId, ownsOrganization } = actor;
  await db.transaction().execute(async (trx) => {
    await lockProjectOf(trx, actor);
    const member = await lockMember(trx, { organizationId, userId });
    const before = await findProjectRole(trx, projectId, userId);
    if (!ownsOrganization && member.role === null && before === null) memberNotFound(userId);
    if (before === role) return;
    await trx
      .insertInto('projectMembers')
      .values({ organizationId, userId, projectId, role })
      .onConflict((conflict) => conflict.columns(['projectId', 'userId']).doUpdateSet({ role }))
      .execute();
    await recordAudit(trx, actor, {
      action: 'member.project_role_changed',
      target: { kind: 'member', id: userId, name: member.name },
      details: { changes: { role: { from: before, to: role } } },
    });
  });
}

/**
 * They keep their account, and lose their streams soon; `revokeKeys`: so do the API keys that they made. Throws NOT_FOUND, and
 * CONFLICT for the last owner.
 */
export async function removeMember(
  db: Database,
  actor: CallerActor,
  { userId, revokeKeys }: { userId: string; revokeKeys: boolean },
): Promise<void> {
  const { organizationId } = actor;
  await db.transaction().execute(async (trx) => {
    const { name } = await deleteMember(trx, { organizationId, userId });
    const target = { kind: 'member', id: userId, name } as const;
    await recordAuditIn(trx, { organizationId }, actor, { action: 'member.removed', target });
    if (revokeKeys) await deleteKeysOf(trx, actor, { organizationId, creatorId: userId });
  });
}

/** The actor gives up every role there. Throws NOT_FOUND, and CONFLICT for the last owner. */
export async function leaveOrganization(db: Database, actor: Actor, organizationId: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { name } = await deleteMember(trx, { organizationId, userId: actor.id });
    const target = { kind: 'member', id: actor.id, name } as const;
    await recordAuditIn(trx, { organizationId }, actor, { action: 'member.left', target });
  });
}

/** Throws NOT_FOUND, and CONFLICT for the last owner. */
async function deleteMember(trx: Trx, { organizationId, userId }: Membership): Promise<{ name: string }> {
  await lockOrganizations(trx, [organizationId]);
  const member = await lockMember(trx, { organizationId, userId });
  await trx.deleteFrom('members').where('organizationId', '=', organizationId).where('userId', '=', userId).execute();
  await requireOwner(trx, organizationId);
  await deletePasswordReset(trx, userId);
  return member;
}

/**
 * Withdraws the role that somebody has in the actor's project alone; what they may do in all projects stays. Whose last role it
 * was leaves the organisation. `revokeKeys`: with the API keys that they made in the project. Throws NOT_FOUND.
 */
export async function removeFromProject(
  db: Database,
  actor: CallerActor,
  { userId, revokeKeys }: { userId: string; revokeKeys: boolean },
): Promise<void> {
  const { projectId, organizationId } = actor;
  await db.transaction().execute(async (trx) => {
    await lockProjectOf(trx, actor);
    const { name } = await lockMember(trx, { organizationId, userId });
    const before = await findProjectRole(trx, projectId, userId);
    if (before === null) memberNotFound(userId);
    await trx.deleteFrom('projectMembers').where('projectId', '=', projectId).where('userId', '=', userId).execute();
    await removeMembersWithoutRole(trx, organizationId);
    await recordAudit(trx, actor, {
      action: 'member.project_role_withdrawn',
      target: { kind: 'member', id: userId, name },
      details: { changes: { role: { from: before, to: null } } },
    });
    if (revokeKeys) await deleteKeysOf(trx, actor, { projectId, creatorId: userId });
  });
}

/** After roles in single projects have gone: whoever has no role left is no member. */
export async function removeMembersWithoutRole(trx: Trx, organizationId: string): Promise<void> {
  // First the lock, so that what somebody is just given is seen by the next statement.
  const { rows } = await sql<{ userId: string }>`
    select user_id from members
    where organization_id = ${organizationId} and role is null
      and not exists (select from project_members mine
        where mine.organization_id = members.organization_id and mine.user_id = members.user_id)
    for update`.execute(trx);
  for (const { userId } of rows) {
    if (await hasProjectRole(trx, { organizationId, userId })) continue;
    await trx.deleteFrom('members').where('organizationId', '=', organizationId).where('userId', '=', userId).execute();
    await deletePasswordReset(trx, userId);
  }
}

/** The secret of a link. Throws NOT_FOUND, and FORBIDDEN for who is also where the actor owns nothing. */
export async function insertResetOfMember(db: Database, actor: CallerActor, userId: string): Promise<string> {
  const { organizationId } = actor;
  return db.transaction().execute(async (trx) => {
    const { name } = await lockMember(trx, { organizationId, userId });
    const secret = await insertPasswordReset(trx, { organizationId }, actor, { id: userId, name });
    // It works for as long as its maker owns what it opens, which they may not do even now.
    if (!(await findPasswordReset(trx, hashSecret(secret))))
      throw new AppError('FORBIDDEN', `${name} is also in an organisation that you do not own: ask its owner, too.`);
    return secret;
  });
}

interface Membership {
  organizationId: string;
  userId: string;
}

/** What is decided of one member is decided by one transaction at a time. Throws NOT_FOUND. */
async function lockMember(trx: Trx, { organizationId, userId }: Membership) {
  const member = await trx
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.userId')
    .select(['users.name', 'members.role'])
    .where('members.organizationId', '=', organizationId)
    .where('members.userId', '=', userId)
    .forUpdate('members')
    .executeTakeFirst();
  return member ?? memberNotFound(userId);
}

function memberNotFound(userId: string): never {
  throw new AppError('NOT_FOUND', `There is no member ${userId}.`);
}

/** The one that they have in this project alone. */
async function findProjectRole(trx: Trx, projectId: string, userId: string): Promise<ProjectRole | null> {
  const found = await trx
    .selectFrom('projectMembers')
    .select('role')
    .where('projectId', '=', projectId)
    .where('userId', '=', userId)
    .executeTakeFirst();
  return found?.role ?? null;
}

async function hasProjectRole(trx: Trx, { organizationId, userId }: Membership): Promise<boolean> {
  const found = await trx
    .selectFrom('projectMembers')
    .select('projectId')
    .where('organizationId', '=', organizationId)
    .where('userId', '=', userId)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
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
