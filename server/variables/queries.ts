import { sql } from 'kysely';
import { maxVariables } from '#shared/variable-inputs.ts';
import type { Actor } from '#server/identity/actor.ts';
import { recordAudit } from '#server/audit/record-audit.ts';
import type { Database } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import type { SecretBox } from './secret-box.ts';

export interface VariableReader {
  db: Database;
  secretBox: SecretBox;
}

const contextOf = (projectId: string, name: string) => `${projectId}/${name}`;

/** In the order of their names. The value of a plain variable can be read, unless it was sealed with another key. */
export async function listVariables({ db, secretBox }: VariableReader, projectId: string) {
  const rows = await db
    .selectFrom('variables')
    .select(['name', 'isSecret', 'value', 'updatedAt'])
    .where('projectId', '=', projectId)
    .orderBy('name')
    .execute();
  const read = ({ name, value }: { name: string; value: string }) => {
    try {
      return secretBox.open(value, contextOf(projectId, name));
    } catch {
      return null;
    }
  };
  return { items: rows.map(({ value, ...row }) => ({ ...row, value: row.isSecret ? null : read({ ...row, value }) })) };
}

/** Throws CONFLICT when the project has the maximum number of variables. */
export async function setVariable(
  { db, secretBox }: VariableReader,
  actor: Actor,
  { name, value, isSecret }: { name: string; value: string; isSecret: boolean },
): Promise<void> {
  const { projectId } = actor;
  const sealed = secretBox.seal(value, contextOf(projectId, name));
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('variables')
      .values({ projectId, name, value: sealed, isSecret })
      .onConflict((conflict) =>
        conflict.columns(['projectId', 'name']).doUpdateSet({ value: sealed, isSecret, updatedAt: sql<string>`now()` }),
      )
      .execute();
    const { count } = await trx
      .selectFrom('variables')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('projectId', '=', projectId)
      .executeTakeFirstOrThrow();
    if (count > maxVariables)
      throw new AppError('CONFLICT', `A project has at most ${maxVariables} variables. Remove one that no test reads.`);
    await recordAudit(trx, actor, { action: 'variable.set', target: { kind: 'variable', id: null, name } });
  });
}

/** Throws NOT_FOUND. */
export async function removeVariable(db: Database, actor: Actor, name: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const removed = await trx
      .deleteFrom('variables')
      .where('projectId', '=', actor.projectId)
      .where('name', '=', name)
      .returning('name')
      .executeTakeFirst();
    if (!removed) throw new AppError('NOT_FOUND', `There is no variable ${name}.`);
    await recordAudit(trx, actor, { action: 'variable.removed', target: { kind: 'variable', id: null, name } });
  });
}

/** A value was sealed with another key, or has been tampered with. */
export class UnreadableVariable extends Error {}

/** What the tests of a project get in `process.env`. */
export interface TestVariables {
  values: Readonly<Record<string, string>>;
  /** The values that are hidden in what tests print. */
  secrets: readonly string[];
}

/** Throws UnreadableVariable. */
export async function readVariables({ db, secretBox }: VariableReader, projectId: string): Promise<TestVariables> {
  const rows = await db
    .selectFrom('variables')
    .select(['name', 'value', 'isSecret'])
    .where('projectId', '=', projectId)
    .execute();
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
  const values = Object.fromEntries(rows.map(({ name, value }) => [name, read(name, value)]));
  return { values, secrets: rows.filter(({ isSecret }) => isSecret).map(({ name }) => values[name]!) };
}
