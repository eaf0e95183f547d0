import type { Trx } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';

/** Throws CONFLICT that names the jobs which run the suite, or have pinned the bundle; archived ones do not count. */
export async function refuseIfUsed(trx: Trx, used: 'suiteId' | 'bundleId', id: string): Promise<void> {
  const jobs = await trx
    .selectFrom('jobs')
    .select('name')
    .where(used, '=', id)
    .where('archivedAt', 'is', null)
    .orderBy('name')
    .execute();
  if (jobs.length === 0) return;
  const names = jobs.map(({ name }) => `"${name}"`).join(', ');
  const by = `${jobs.length === 1 ? 'the job' : 'the jobs'} ${names}`;
  throw new AppError(
    'CONFLICT',
    used === 'suiteId'
      ? `The suite is run by ${by}; archive ${jobs.length === 1 ? 'it' : 'them'}, or choose another suite there first.`
      : `The bundle is pinned by ${by}; choose another bundle there first.`,
  );
}
