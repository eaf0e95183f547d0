import { v7 as uuidv7 } from 'uuid';
import type { Actor, CallerActor } from '#server/identity/actor.ts';
import { changesOf } from '#server/audit/changes-of.ts';
import { recordAuditIn } from '#server/audit/record-audit.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';

/** Keeps a project in its organisation until the transaction ends. Resolves to the organisation. Call it before locking members. */
export async function lockProject(trx: Trx, projectId: string): Promise<string> {
  const { organizationId } = await trx
    .selectFrom('projects')
    .select('organizationId')
    .where('id', '=', projectId)
    .forKeyShare()
    .executeTakeFirstOrThrow();
  return organizationId;
}

/** As `lockProject`, for the actor's project. Throws NOT_FOUND when the project has moved since the actor was authenticated. */
export async function lockProjectOf(trx: Trx, { projectId, organizationId }: CallerActor): Promise<void> {
  if ((await lockProject(trx, projectId)) !== organizationId)
    throw new AppError('NOT_FOUND', `There is no project ${projectId}.`);
}

/** Locks organisations until the transaction ends, for changes of their owners, members and projects. */
export async function lockOrganizations(trx: Trx, ids: string[]): Promise<{ id: string; name: string }[]> {
  return (
    trx
      .selectFrom('organizations')
      .select(['id', 'name'])
      .where('id', 'in', ids)
      .orderBy('id')
      // Inserts that reference the organisation do not wait.
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
  if (!owner) throw new AppError('CONFLICT', 'This is the last owner: make another member an owner first.');
}

/** Adds an organisation with a first project. The actor becomes its owner. */
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

/** Renames the organisation of the actor's project. */
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
