import type { Database, Trx } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';

/** The jobs that run a suite, or have pinned a bundle, by name; archived ones do not count. */
export function findJobsThatUse(db: Database | Trx, used: 'suiteId' | 'bundleId', id: string) {
  return db
    .selectFrom('jobs')
    .select(['id', 'name'])
    .where(used, '=', id)
    .where('archivedAt', 'is', null)
    .orderBy('name')
    .execute();
}

/** Throws CONFLICT that names the jobs which run the suite, or have pinned the bundle. */
export async function refuseIfUsed(trx: Trx, used: 'suiteId' | 'bundleId', id: string): Promise<void> {
  const jobs = await findJobsThatUse(trx, used, id);
  if (jobs.length === 0) return;
  const by = namesOfJobs(jobs);
  throw new AppError(
    'CONFLICT',
    used === 'suiteId'
      ? `The suite is run by ${by}; archive ${jobs.length === 1 ? 'it' : 'them'}, or choose another suite there first.`
      : `The bundle is pinned by ${by}; choose another bundle there first.`,
  );
}

/** For example `the jobs "Nightly", "Smoke"`. */
export function namesOfJobs(jobs: readonly { name: string }[]): string {
  return `${jobs.length === 1 ? 'the job' : 'the jobs'} ${jobs.map(({ name }) => `"${name}"`).join(', ')}`;
}
