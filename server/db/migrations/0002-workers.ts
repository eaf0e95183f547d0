import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table workers (
      id text primary key,
      host text not null,
      pid integer not null,
      version text not null,
      concurrency integer not null,
      started_at timestamptz not null,
      beat_at timestamptz not null default now()
    )`,
    // One row, which every change of the above locks, so that changes have an order.
    sql`create table worker_presence (
      seq bigint not null default 0,
      told_at timestamptz not null default now()
    )`,
    sql`insert into worker_presence default values`,
  ];
  for (const statement of statements) await statement.execute(db);
}
