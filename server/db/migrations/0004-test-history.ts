import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index run_tests_by_test on run_tests (test_id, run_id desc) where test_id is not null`.execute(db);
}
