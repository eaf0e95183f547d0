import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { KeyRole } from '#shared/project-role.ts';
import { createSecret } from '#server/identity/secrets.ts';
import { keyPrefix, keyStart } from './key-start.ts';
import type { Actor, CallerActor } from '#server/identity/actor.ts';
import { recordAudit } from '#server/audit/record-audit.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { lockProjectOf } from '#server/organizations/queries.ts';

/**
 * The keys of a project, newest first, including expired ones. `isOfMember`: whether the user who made the key still has a role
 * in the project; null when that user is unknown.
 */
export async function listKeys(db: Database, projectId: string) {
  const items = await db
    .selectFrom('apiKeys')
    .leftJoin('projectRoles', (join) =>
      join
        .onRef('projectRoles.projectId', '=', 'apiKeys.projectId')
        .onRef('projectRoles.userId', '=', 'apiKeys.creatorId'),
    )
    .select([
      'apiKeys.id',
      'apiKeys.name',
      'apiKeys.role',
      'apiKeys.start',
      'apiKeys.createdBy',
      'apiKeys.createdAt',
      'apiKeys.expiresAt',
      'apiKeys.lastUsedAt',
      sql<boolean | null>`case when api_keys.creator_id is not null then project_roles.user_id is not null end`.as(
        'isOfMember',
      ),
    ])
    .where('apiKeys.projectId', '=', projectId)
    .orderBy('apiKeys.id', 'desc')
    .execute();
  return { items };
}

/** Only the result holds the key: the database stores its hash. Throws FORBIDDEN when the actor no longer owns the project. */
export async function insertKey(
  db: Database,
  actor: CallerActor,
  key: { name: string; role: KeyRole; expiresAt: string | null },
): Promise<{ id: string; key: string }> {
  const id = uuidv7();
  const { secret, hash } = createSecret(keyPrefix);
  await db.transaction().execute(async (trx) => {
    const { projectId, organizationId, id: creatorId, name: createdBy } = actor;
    await lockProjectOf(trx, actor);
    // Locks first, so that the next statement sees a removal that was under way: the key must not outlive the membership.
    await trx
      .selectFrom('members')
      .select('userId')
      .where('organizationId', '=', organizationId)
      .where('userId', '=', creatorId)
      .forShare()
      .execute();
    const owner = await trx
      .selectFrom('projectRoles')
      .select('userId')
      .where('projectId', '=', projectId)
      .where('userId', '=', creatorId)
      .where('role', '=', 'owner')
      .executeTakeFirst();
    if (!owner) throw new AppError('FORBIDDEN', 'You are no longer an owner of this project.');
    await trx
      .insertInto('apiKeys')
      .values({ id, projectId, ...key, createdBy, creatorId, secretHash: hash, start: keyStart(secret) })
      .execute();
    const { name, role, expiresAt } = key;
    const target = { kind: 'key', id, name } as const;
    await recordAudit(trx, actor, { action: 'key.created', target, details: { role, expiresAt } });
  });
  return { id, key: secret };
}

/** Throws NOT_FOUND. */
export async function deleteKey(db: Database, actor: Actor, keyId: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const key = await trx
      .deleteFrom('apiKeys')
      .where('id', '=', keyId)
      .where('projectId', '=', actor.projectId)
      .returning('name')
      .executeTakeFirst();
    if (!key) throw new AppError('NOT_FOUND', `There is no API key ${keyId}.`);
    await recordAudit(trx, actor, { action: 'key.revoked', target: { kind: 'key', id: keyId, ...key } });
  });
}

/** Revokes the keys that a user made in a project, or in any project of an organisation. */
export async function deleteKeysOf(
  trx: Trx,
  actor: Actor,
  { creatorId, ...where }: { creatorId: string } & ({ projectId: string } | { organizationId: string }),
): Promise<void> {
  const keys = await trx
    .deleteFrom('apiKeys')
    .where('creatorId', '=', creatorId)
    .where('projectId', 'in', (query) =>
      query
        .selectFrom('projects')
        .select('id')
        .where(({ and }) => and('projectId' in where ? { id: where.projectId } : where)),
    )
    .returning(['id', 'name', 'projectId'])
    .execute();
  for (const { id, name, projectId } of keys)
    await recordAudit(trx, { ...actor, projectId }, { action: 'key.revoked', target: { kind: 'key', id, name } });
}
