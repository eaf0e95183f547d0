import { sql } from 'kysely';
import { maxVariables } from '#shared/inputs.ts';
import type { Database } from '#server/db/database.ts';
import { AppError } from '#server/errors.ts';
import type { SecretBox } from './secret-box.ts';

/** What reading variables needs. */
export interface VariableReader {
  db: Database;
  secretBox: SecretBox;
}

const contextOf = (projectId: string, name: string) => `${projectId}/${name}`;

/** Names alone, in order: what a variable holds is for tests. */
export async function listVariables(db: Database, projectId: string) {
  const items = await db
    .selectFrom('variables')
    .select(['name', 'updatedAt'])
    .where('projectId', '=', projectId)
    .orderBy('name')
    .execute();
  return { items };
}

/** Throws CONFLICT when the project has as many as it may have. */
export async function setVariable(
  { db, secretBox }: VariableReader,
  projectId: string,
  { name, value }: { name: string; value: string },
): Promise<void> {
  const sealed = secretBox.seal(value, contextOf(projectId, name));
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('variables')
      .values({ projectId, name, value: sealed })
      .onConflict((conflict) =>
        conflict.columns(['projectId', 'name']).doUpdateSet({ value: sealed, updatedAt: sql<string>`now()` }),
      )
      .execute();
    const { count } = await trx
      .selectFrom('variables')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('projectId', '=', projectId)
      .executeTakeFirstOrThrow();
    if (count > maxVariables)
      throw new AppError('CONFLICT', `A project has at most ${maxVariables} variables: remove one that no test reads.`);
  });
}

/** Throws NOT_FOUND. */
export async function removeVariable(db: Database, projectId: string, name: string): Promise<void> {
  const removed = await db
    .deleteFrom('variables')
    .where('projectId', '=', projectId)
    .where('name', '=', name)
    .returning('name')
    .executeTakeFirst();
  if (!removed) throw new AppError('NOT_FOUND', `There is no variable ${name}.`);
}

/** A value was sealed with another key, or was changed. */
export class UnreadableVariable extends Error {}

/** What the tests of a project find in `process.env`. Throws UnreadableVariable. */
export async function readVariables(
  { db, secretBox }: VariableReader,
  projectId: string,
): Promise<Record<string, string>> {
  const rows = await db.selectFrom('variables').select(['name', 'value']).where('projectId', '=', projectId).execute();
  const read = (name: string, sealed: string): string => {
    try {
      return secretBox.open(sealed, contextOf(projectId, name));
    } catch (cause) {
      const advice =
        'Give every process the same AUTH_SECRET, or the same DATA_DIR/variables.key, or set the variable again.';
      throw new UnreadableVariable(`The variable ${name} cannot be read with the key of this worker. ${advice}`, {
        cause,
      });
    }
  };
  return Object.fromEntries(rows.map(({ name, value }) => [name, read(name, value)]));
}
