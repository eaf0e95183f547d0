import { v7 as uuidv7 } from 'uuid';
import type { Actor } from '#server/audit/actor.ts';
import { changesOf } from '#server/audit/changes-of.ts';
import { recordAuditIn } from '#server/audit/record-audit.ts';
import type { Database, Trx } from '#server/db/database.ts';

/** The organisation that a project belongs to. */
export function getOrganizationOf(db: Database, projectId: string): Promise<{ id: string; name: string }> {
  return db
    .selectFrom('projects')
    .innerJoin('organizations', 'organizations.id', 'projects.organizationId')
    .select(['organizations.id', 'organizations.name'])
    .where('projects.id', '=', projectId)
    .executeTakeFirstOrThrow();
}

/** The same; until the transaction ends, the project stays in it. */
export async function lockOrganizationOf(trx: Trx, projectId: string): Promise<{ id: string; name: string }> {
  // First the lock: where it had to wait for a move, the next statement sees where the project is now.
  await trx.selectFrom('projects').select('id').where('id', '=', projectId).forKeyShare().execute();
  return getOrganizationOf(trx, projectId);
}

/** One after another: who owns it, who else is in it and which projects it has are decided by one transaction at a time. */
export async function lockOrganizations(trx: Trx, ids: string[]): Promise<{ id: string; name: string }[]> {
  return (
    trx
      .selectFrom('organizations')
      .select(['id', 'name'])
      .where('id', 'in', ids)
      .orderBy('id')
      // Others may go on to refer to it.
      .forNoKeyUpdate()
      .execute()
  );
}

/** The actor owns it. */
export async function insertOrganization(
  db: Database,
  actor: Actor,
  { name, project = name }: { name: string; project?: string | undefined },
): Promise<{ organizationId: string; projectId: string }> {
  const organizationId = uuidv7();
  const projectId = uuidv7();
  await db.transaction().execute(async (trx) => {
    await trx.insertInto('organizations').values({ id: organizationId, name }).execute();
    await trx.insertInto('projects').values({ id: projectId, name: project, organizationId }).execute();
    await trx.insertInto('members').values({ organizationId, userId: actor.id, role: 'owner' }).execute();
    const target = { kind: 'organization', id: organizationId, name } as const;
    await recordAuditIn(trx, { organizationId }, actor, { action: 'organization.created', target });
  });
  return { organizationId, projectId };
}

/** That of the actor's project. */
export async function renameOrganization(db: Database, actor: Actor, name: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { id: organizationId } = await getOrganizationOf(trx, actor.projectId);
    const [before] = await lockOrganizations(trx, [organizationId]);
    const changes = changesOf({ name: before!.name }, { name });
    if (!changes) return;
    await trx.updateTable('organizations').set({ name }).where('id', '=', organizationId).execute();
    const target = { kind: 'organization', id: organizationId, name } as const;
    await recordAuditIn(trx, { organizationId }, actor, {
      action: 'organization.renamed',
      target,
      details: { changes },
    });
  });
}
