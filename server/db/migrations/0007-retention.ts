import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create index runs_ended on runs (completed_at) where completed_at is not null`,
    // Removing a run asks who was started as its retry.
    sql`create index runs_by_retry on runs (retry_of) where retry_of is not null`,
  ];
  for (const statement of statements) await statement.execute(db);
}
