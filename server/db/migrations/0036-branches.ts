import { type Kysely, sql } from 'kysely';

/** The branch that runs of a suite are compared with, and what runs are found by: branch of a suite, and commit. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`alter table suites add column base_branch text`,
    sql`create index runs_by_suite_branch on runs (suite_id, branch, id desc) where suite_id is not null and branch is not null`,
    // For `like` with the beginning of a hash.
    sql`create index runs_by_commit on runs (project_id, commit_sha text_pattern_ops) where commit_sha is not null`,
  ];
  for (const statement of statements) await statement.execute(db);
}
