import { type Kysely, sql } from 'kysely';

/** What a reported part has used of its limits, and whether its reporter is silent. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table run_parts
    add column silent boolean not null default false,
    add column steps integer not null default 0,
    add column output_chars bigint not null default 0,
    add column text_chars bigint not null default 0,
    add column irregular integer not null default 0,
    add column files integer not null default 0,
    add column file_bytes bigint not null default 0`.execute(db);
}
