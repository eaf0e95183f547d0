import { deletePasswordReset } from '#server/account/password-reset.ts';
import { recordAuditIn } from '#server/audit/record-audit.ts';
import type { Database, Trx } from '#server/db/database.ts';
import type { Actor, CallerActor } from '#server/identity/actor.ts';
import { deleteKeysOf } from '#server/keys/queries.ts';
import { lockOrganizations, requireOwner } from '#server/organizations/queries.ts';
import { lockMember, type Membership } from './lock-member.ts';

/**
 * Removes a member from the actor's organisation. Their account stays, and their streams end at the next check.
 * `revokeKeys`: also revokes the API keys that they made. Throws NOT_FOUND, and CONFLICT for the last owner.
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

/** Removes the actor from an organisation. Throws NOT_FOUND, and CONFLICT for the last owner. */
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
