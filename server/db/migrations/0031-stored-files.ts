import { type Kysely, sql } from 'kysely';

/** Which files a run has in the store, so that no bucket is asked for them; and where a report is in its bucket. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table run_files (
    run_id uuid not null references runs on delete cascade,
    path text not null,
    bytes bigint not null,
    primary key (run_id, path)
  )`.execute(db);
  await sql`alter table runs add column s3_url text`.execute(db);
}
