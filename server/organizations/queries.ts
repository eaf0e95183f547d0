import { v7 as uuidv7 } from 'uuid';
import type { Actor, CallerActor } from '#server/identity/actor.ts';
import { changesOf } from '#server/audit/changes-of.ts';
import { recordAuditIn } from '#server/audit/record-audit.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';

/** Until the transaction ends, the project stays in the organisation that it answers; to be called before members are locked. */
export async function lockProject(trx: Trx, projectId: string): Promise<string> {
  const { organizationId } = await trx
    .selectFrom('projects')
    .select('organizationId')
    .where('id', '=', projectId)
    .forKeyShare()
    .executeTakeFirstOrThrow();
  return organizationId;
}

/** The same of the actor's project. Throws NOT_FOUND when it has moved since they were let in. */
export async function lockProjectOf(trx: Trx, { projectId, organizationId }: CallerActor): Promise<void> {
  if ((await lockProject(trx, projectId)) !== organizationId)
    throw new AppError('NOT_FOUND', `There is no project ${projectId}.`);
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

export async function isOwner(trx: Trx, organizationId: string, userId: string): Promise<boolean> {
  const member = await trx
    .selectFrom('members')
    .select('userId')
    .where('organizationId', '=', organizationId)
    .where('userId', '=', userId)
    .where('role', '=', 'owner')
    .executeTakeFirst();
  return member !== undefined;
}

/** Throws CONFLICT when the organisation has no owner any more. */
export async function requireOwner(trx: Trx, organizationId: string): Promise<void> {
  const owner = await trx
    .selectFrom('members')
    .select('userId')
    .where('organizationId', '=', organizationId)
    .where('role', '=', 'owner')
    .limit(1)
    .executeTakeFirst();
  if (!owner) throw new AppError('CONFLICT', 'This is the last owner: make somebody else an owner first.');
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
export async function renameOrganization(db: Database, actor: CallerActor, name: string): Promise<void> {
  const { organizationId } = actor;
  await db.transaction().execute(async (trx) => {
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
