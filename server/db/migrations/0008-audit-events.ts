import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    // Nothing is referenced: what is written down here outlives what it is about.
    sql`create table audit_events (
      id uuid primary key,
      at timestamptz not null default now(),
      organization_id uuid not null,
      project_id uuid,
      scope_id uuid not null generated always as (coalesce(project_id, organization_id)) stored,
      actor_kind text not null check (actor_kind in ('user', 'key', 'token', 'schedule', 'system', 'anonymous')),
      actor_id text not null,
      actor_name text not null,
      address text,
      action text not null,
      target_kind text not null,
      target_id text,
      target_name text not null,
      details jsonb not null default '{}',
      outcome text not null default 'done' check (outcome in ('done', 'refused')),
      count integer not null default 1
    )`,
    sql`create index audit_events_by_scope on audit_events (scope_id, id desc)`,
    sql`create index audit_events_by_actor on audit_events (scope_id, actor_id, id desc)`,
    sql`create index audit_events_by_action on audit_events (scope_id, action, id desc)`,
    sql`create index audit_events_by_target on audit_events (scope_id, target_id, id desc)`,
    // What is refused is kept for a shorter time.
    sql`create index audit_events_refused on audit_events (id) where outcome = 'refused'`,
  ];
  for (const statement of statements) await statement.execute(db);
}
