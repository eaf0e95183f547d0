import { sql } from 'kysely';
import type { ProjectRole } from '#shared/project-role.ts';
import { deletePasswordReset } from '#server/account/password-reset.ts';
import { recordAudit } from '#server/audit/record-audit.ts';
import type { Database, Trx } from '#server/db/database.ts';
import type { CallerActor } from '#server/identity/actor.ts';
import { deleteKeysOf } from '#server/keys/queries.ts';
import { lockProjectOf } from '#server/organizations/queries.ts';
import { lockMember, memberNotFound, type Membership } from './lock-member.ts';

/** Sets a member's role in the actor's project. Throws NOT_FOUND for members that `listMembers` does not show to the actor. */
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
 * Removes a member's role in the actor's project; their role in all projects stays. Removes the member from the organisation
 * when this was their last role. `revokeKeys`: also revokes the API keys that they made in the project. Throws NOT_FOUND.
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

/** Removes members who have no role left. To be called after roles in single projects are removed. */
export async function removeMembersWithoutRole(trx: Trx, organizationId: string): Promise<void> {
  // Locks first: the next statement then sees a role that another transaction has just added.
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

/** A user's role in one project; null without one. */
async function findProjectRole(trx: Trx, projectId: string, userId: string): Promise<ProjectRole | null> {
  const found = await trx
    .selectFrom('projectMembers')
    .select('role')
    .where('projectId', '=', projectId)
    .where('userId', '=', userId)
    .executeTakeFirst();
  return found?.role ?? null;
}

export async function hasProjectRole(trx: Trx, { organizationId, userId }: Membership): Promise<boolean> {
  const found = await trx
    .selectFrom('projectMembers')
    .select('projectId')
    .where('organizationId', '=', organizationId)
    .where('userId', '=', userId)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}
