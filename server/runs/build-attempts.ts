import type { RunStatus } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';

/** Attempts of a build that are shown at most. */
const mostAttempts = 20;

export interface Build {
  /** Such as `github`; null: not in a CI. */
  provider: string | null;
  /** What the CI provider calls the attempt; null where it has no name for it. */
  attempt: string | null;
  /** The runs of the same build, the first one first. */
  attempts: { runId: string; status: RunStatus; queuedAt: string; attempt: string | null }[];
}

/** The build that a run reports, and the other runs of it; null for a run that no reporter reports. */
export async function findBuild(db: Database, runId: string): Promise<Build | null> {
  const run = await db
    .selectFrom('runs')
    .select(['suiteId', 'buildId', 'ciProvider as provider', 'buildAttempt as attempt'])
    .where('id', '=', runId)
    .where('origin', '=', 'reporter')
    .executeTakeFirst();
  if (!run) return null;
  const { suiteId, buildId, provider, attempt } = run;
  const attempts =
    buildId === null
      ? []
      : await db
          .selectFrom('runs')
          .select(['id as runId', 'status', 'queuedAt', 'buildAttempt as attempt'])
          .where('suiteId', '=', suiteId)
          .where('buildId', '=', buildId)
          .orderBy('id', 'desc')
          .limit(mostAttempts)
          .execute();
  return { provider, attempt, attempts: attempts.toReversed() };
}
