import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#server/db/database.ts';

/** Beside the project, in the same organisation: whoever is a member there has the same role in it. */
export async function insertProject(db: Database, besideId: string, name: string): Promise<{ projectId: string }> {
  const id = uuidv7();
  await db.transaction().execute(async (trx) => {
    const { organizationId } = await trx
      .selectFrom('projects')
      .select('organizationId')
      .where('id', '=', besideId)
      .executeTakeFirstOrThrow();
    await trx.insertInto('projects').values({ id, name, organizationId }).execute();
  });
  return { projectId: id };
}

export async function renameProject(db: Database, projectId: string, name: string): Promise<void> {
  await db.updateTable('projects').set({ name }).where('id', '=', projectId).execute();
}
