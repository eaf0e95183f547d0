import { type Kysely, sql } from 'kysely';

/** Rules for notifications, what they have to say, and what was sent. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table notification_rules (
      id uuid primary key,
      project_id uuid not null references projects,
      name text not null,
      events jsonb not null,
      scope jsonb not null,
      target jsonb not null,
      secret text,
      enabled boolean not null default true,
      failures integer not null default 0,
      last_error text,
      paused_at timestamptz,
      sequence bigint not null default 0,
      lease uuid,
      leased_until timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )`,
    sql`create index notification_rules_list on notification_rules (project_id, id)`,
    sql`create table notification_events (
      id bigint generated always as identity primary key,
      project_id uuid not null references projects,
      kind text not null check (kind in ('settled', 'failing', 'start_missed')),
      run_id uuid references runs on delete cascade,
      job_id uuid references jobs on delete cascade,
      details jsonb not null default '{}',
      attempts integer not null default 0,
      not_before timestamptz not null default now(),
      created_at timestamptz not null default now(),
      unique (run_id, kind)
    )`,
    sql`create table notification_deliveries (
      id uuid primary key,
      project_id uuid not null references projects,
      rule_id uuid not null references notification_rules on delete cascade,
      sequence bigint not null,
      key text not null,
      event text not null,
      summary text not null,
      run_id uuid references runs on delete set null,
      body text not null,
      state text not null check (state in ('waiting', 'delivered', 'failed', 'cancelled')),
      attempts integer not null default 0,
      next_attempt_at timestamptz not null default now(),
      answer_status integer,
      answer_body text,
      error text,
      created_at timestamptz not null default now(),
      ended_at timestamptz,
      unique (rule_id, key),
      unique (rule_id, sequence)
    )`,
    sql`create index notification_deliveries_waiting on notification_deliveries (rule_id, sequence) where state = 'waiting'`,
    sql`create index notification_deliveries_list on notification_deliveries (project_id, id desc)`,
    sql`create index notification_deliveries_of_rule on notification_deliveries (rule_id, id desc)`,
    sql`create index notification_deliveries_of_run on notification_deliveries (run_id) where run_id is not null`,
    sql`create index notification_deliveries_old on notification_deliveries (created_at)`,
  ];
  for (const statement of statements) await statement.execute(db);
}
