import { v7 as uuidv7 } from 'uuid';
import type { Actor, CallerActor } from '#server/identity/actor.ts';
import { changesOf } from '#server/audit/changes-of.ts';
import { recordAudit, recordAuditIn } from '#server/audit/record-audit.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { removeMembersWithoutRole } from '#server/members/project-roles.ts';
import { isOwner, lockOrganizations } from '#server/organizations/queries.ts';

/** Adds a project to the organisation of the actor's project. Members with a role in all projects have it here, too. */
export async function insertProject(db: Database, actor: CallerActor, name: string): Promise<{ projectId: string }> {
  const id = uuidv7();
  const { organizationId } = actor;
  await db.transaction().execute(async (trx) => {
    await trx.insertInto('projects').values({ id, name, organizationId }).execute();
    const target = { kind: 'project', id, name } as const;
    await recordAuditIn(trx, { organizationId }, actor, { action: 'project.created', target });
  });
  return { projectId: id };
}

/** Renames the actor's project. */
export async function renameProject(db: Database, actor: Actor, name: string): Promise<void> {
  const { projectId } = actor;
  await db.transaction().execute(async (trx) => {
    const before = await trx
      .selectFrom('projects')
      .select('name')
      .where('id', '=', projectId)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const changes = changesOf(before, { name });
    if (!changes) return;
    await trx.updateTable('projects').set({ name }).where('id', '=', projectId).execute();
    const target = { kind: 'project', id: projectId, name } as const;
    await recordAudit(trx, actor, { action: 'project.renamed', target, details: { changes } });
  });
}

/**
 * Moves the actor's project, with its contents and API keys, to another organisation that the actor owns. Removes the roles of
 * users who are not in that organisation, and the invitations to the project. Throws NOT_FOUND for an organisation that the
 * actor does not own, and CONFLICT for the only project of its organisation.
 */
export async function moveProject(db: Database, actor: CallerActor, organizationId: string): Promise<void> {
  const { projectId, organizationId: fromId } = actor;
  if (fromId === organizationId) return;
  await db.transaction().execute(async (trx) => {
    const organizations = await lockOrganizations(trx, [fromId, organizationId]);
    const from = organizations.find(({ id }) => id === fromId);
    const to = organizations.find(({ id }) => id === organizationId);
    if (!to || !(await isOwner(trx, organizationId, actor.id)))
      throw new AppError('NOT_FOUND', `There is no organisation ${organizationId}.`);
    const project = await trx
      .selectFrom('projects')
      .select('name')
      .where('id', '=', projectId)
      .where('organizationId', '=', fromId)
      .forUpdate()
      .executeTakeFirst();
    if (!from || !project) throw new AppError('CONFLICT', 'Another owner has just moved the project.');
    await requireAnother(trx, from, projectId);
    await trx.deleteFrom('invitations').where('projectId', '=', projectId).execute();
    // Waits for transactions that remove a member's role in another project: this move may remove their last one.
    await trx
      .selectFrom('members')
      .select('userId')
      .where('organizationId', '=', fromId)
      .where('role', 'is', null)
      .orderBy('userId')
      .forUpdate()
      .execute();
    await trx
      .deleteFrom('projectMembers')
      .where('projectId', '=', projectId)
      .where('userId', 'not in', (query) =>
        query.selectFrom('members').select('userId').where('organizationId', '=', organizationId),
      )
      .execute();
    await trx.updateTable('projects').set({ organizationId }).where('id', '=', projectId).execute();
    await removeMembersWithoutRole(trx, fromId);
    const target = { kind: 'project', id: projectId, name: project.name } as const;
    const changes = { organization: { from: from.name, to: to.name } };
    for (const { id } of [from, to])
      await recordAuditIn(trx, { organizationId: id }, actor, {
        action: 'project.moved',
        target,
        details: { changes },
      });
  });
}

/** An organisation without projects could not be opened. */
async function requireAnother(trx: Trx, { id, name }: { id: string; name: string }, projectId: string): Promise<void> {
  const another = await trx
    .selectFrom('projects')
    .select('id')
    .where('organizationId', '=', id)
    .where('id', '!=', projectId)
    .limit(1)
    .executeTakeFirst();
  if (!another) throw new AppError('CONFLICT', `It is the only project of ${name}: create another one there first.`);
}
