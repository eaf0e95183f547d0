import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    // These five are better-auth's.
    sql`create table users (
      id text primary key,
      name text not null,
      email text not null unique,
      email_verified boolean not null default false,
      image text,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )`,
    sql`create table sessions (
      id text primary key,
      token text not null unique,
      user_id text not null references users(id) on delete cascade,
      expires_at timestamptz not null,
      ip_address text,
      user_agent text,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )`,
    sql`create index sessions_by_user on sessions (user_id)`,
    sql`create table credentials (
      id text primary key,
      account_id text not null,
      provider_id text not null,
      user_id text not null references users(id) on delete cascade,
      access_token text,
      refresh_token text,
      id_token text,
      access_token_expires_at timestamptz,
      refresh_token_expires_at timestamptz,
      scope text,
      password text,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      unique (provider_id, account_id)
    )`,
    sql`create index credentials_by_user on credentials (user_id)`,
    sql`create table verifications (
      id text primary key,
      identifier text not null,
      value text not null,
      expires_at timestamptz not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )`,
    sql`create index verifications_by_identifier on verifications (identifier)`,
    sql`create table rate_limits (
      id text primary key,
      key text not null unique,
      count integer not null,
      last_request bigint not null
    )`,
    sql`create table organizations (
      id uuid primary key,
      name text not null,
      created_at timestamptz not null default now()
    )`,
    // The first user to sign up becomes its owner.
    sql`insert into organizations (id, name) values ('00000000-0000-7000-8000-000000000002', 'Default')`,
    sql`alter table projects
      add column organization_id uuid not null default '00000000-0000-7000-8000-000000000002' references organizations(id),
      add column created_at timestamptz not null default now()`,
    sql`alter table projects alter column organization_id drop default`,
    sql`create index projects_by_organization on projects (organization_id)`,
    sql`create table members (
      organization_id uuid not null references organizations(id),
      user_id text not null references users(id) on delete cascade,
      role text not null check (role in ('viewer', 'editor', 'owner')),
      created_at timestamptz not null default now(),
      primary key (organization_id, user_id)
    )`,
    sql`create index members_by_user on members (user_id)`,
    sql`create table invitations (
      id uuid primary key,
      organization_id uuid not null references organizations(id),
      email text not null,
      role text not null check (role in ('viewer', 'editor', 'owner')),
      secret_hash text not null unique,
      invited_by text not null,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      unique (organization_id, email)
    )`,
    sql`create table api_keys (
      id uuid primary key,
      project_id uuid not null references projects(id),
      name text not null,
      role text not null check (role in ('viewer', 'editor', 'owner')),
      secret_hash text not null unique,
      start text not null,
      created_by text not null,
      created_at timestamptz not null default now(),
      expires_at timestamptz,
      last_used_at timestamptz
    )`,
    sql`create index api_keys_by_project on api_keys (project_id)`,
  ];
  for (const statement of statements) await statement.execute(db);
}
