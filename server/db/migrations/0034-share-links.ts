import { type Kysely, sql } from 'kysely';

/** Links that open one run without signing in, and their holders in the audit log. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table share_links (
      id uuid primary key,
      run_id uuid not null references runs on delete cascade,
      secret_hash text not null unique,
      created_by text not null,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      last_used_at timestamptz
    )`,
    sql`create index share_links_by_run on share_links (run_id, id desc)`,
    sql`alter table audit_events drop constraint audit_events_actor_kind_check`,
    sql`alter table audit_events add constraint audit_events_actor_kind_check
      check (actor_kind in ('user', 'key', 'link', 'token', 'schedule', 'system', 'anonymous')) not valid`,
  ];
  for (const statement of statements) await statement.execute(db);
}
