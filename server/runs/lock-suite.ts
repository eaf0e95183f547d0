import { v7 as uuidv7 } from 'uuid';
import { reportLimits } from '#shared/reports.ts';
import type { Trx } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';

/**
 * Locks the suite of this name, and makes it if there is none. One that is archived stays so. Throws TOO_MANY_REQUESTS when
 * the project has too many.
 */
export async function lockSuite(
  trx: Trx,
  projectId: string,
  name: string,
): Promise<{ id: string; name: string; isNew: boolean }> {
  // The lock leaves rows that refer to the suite alone: transactions that write those have locked the project.
  const find = () =>
    trx
      .selectFrom('suites')
      .select(['id', 'name'])
      .where('projectId', '=', projectId)
      .where('name', '=', name)
      .forNoKeyUpdate()
      .executeTakeFirst();
  const found = await find();
  if (found) return { ...found, isNew: false };
  const { suites } = await trx
    .selectFrom('suites')
    .select((eb) => eb.fn.countAll<number>().as('suites'))
    .where('projectId', '=', projectId)
    .executeTakeFirstOrThrow();
  if (suites >= reportLimits.suitesPerProject)
    throw new AppError(
      'TOO_MANY_REQUESTS',
      `The project has ${suites} suites, and may have ${reportLimits.suitesPerProject}. Use a name that does not change from build to build (RUNLIGHT_SUITE).`,
    );
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('suites')
    .values({ id: uuidv7(), projectId, name })
    .onConflict((conflict) => conflict.columns(['projectId', 'name']).doNothing())
    .executeTakeFirstOrThrow();
  return { ...(await find())!, isNew: numInsertedOrUpdatedRows === 1n };
}
