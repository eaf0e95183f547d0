import { sql } from 'kysely';

/** SQL, of a row of `runs`: its bundle is still to be fetched from git. Its commit is known from then on. */
export const isToFetch = sql<boolean>`(
  runs.bundle_id is null and runs.commit_sha is null and coalesce(runs.suite_options->'git', 'null') <> 'null')`;

/** SQL, of rows of `runs`: the first part has ended, so nobody fetches any more. */
export const hasFetchEnded = sql<boolean>`exists (
  select from run_parts as first where first.run_id = runs.id and first.part = 0 and first.completed_at is not null)`;
