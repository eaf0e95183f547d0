import { v7 as uuidv7 } from 'uuid';
import type { Actor } from '#server/audit/actor.ts';
import { changesOf } from '#server/audit/changes-of.ts';
import { recordAudit, recordAuditIn } from '#server/audit/record-audit.ts';
import type { Database } from '#server/db/database.ts';

/** Beside the actor's project, in the same organisation: whoever is a member there has the same role in it. */
export async function insertProject(db: Database, actor: Actor, name: string): Promise<{ projectId: string }> {
  const id = uuidv7();
  await db.transaction().execute(async (trx) => {
    const { organizationId } = await trx
      .selectFrom('projects')
      .select('organizationId')
      .where('id', '=', actor.projectId)
      .executeTakeFirstOrThrow();
    await trx.insertInto('projects').values({ id, name, organizationId }).execute();
    const target = { kind: 'project', id, name } as const;
    await recordAuditIn(trx, { organizationOf: id }, actor, { action: 'project.created', target });
  });
  return { projectId: id };
}

/** The actor's own. */
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
