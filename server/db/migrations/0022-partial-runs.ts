import { type Kysely, sql } from 'kysely';

/** Runs of some cases of a test or job. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`alter table runs add column partial boolean not null default false`,
    sql`alter table run_tests add column choice jsonb`,
    // Until now, a retry left out whole scripts.
    sql`update runs as retry set partial = true
      where retry_of is not null and kind = 'job' and
        (select count(*) from run_tests where run_id = retry.id) <
        (select count(*) from run_tests where run_id = retry.retry_of)`,
  ];
  for (const statement of statements) await statement.execute(db);
}
