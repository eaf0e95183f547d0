import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`alter table runs add column not_run integer not null default 0`,
    sql`update runs set not_run = never_began.count
      from (
        select run_id, count(*) from run_tests where status = 'skipped' and duration_ms is null group by run_id
      ) as never_began
      where never_began.run_id = runs.id and runs.status not in ('queued', 'running')`,
  ];
  for (const statement of statements) await statement.execute(db);
}
