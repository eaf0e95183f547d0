import { sql } from 'kysely';

/** SQL, of a row of `runs`: its bundle has not been fetched from git yet. Its commit is known once the bundle is fetched. */
export const isToFetch = sql<boolean>`(
  runs.bundle_id is null and runs.commit_sha is null and coalesce(runs.suite_options->'git', 'null') <> 'null')`;

/** SQL, of a row of `runs`: its first part has ended, so the bundle will not be fetched any more. */
export const hasFetchEnded = sql<boolean>`exists (
  select from run_parts as first where first.run_id = runs.id and first.part = 0 and first.completed_at is not null)`;
