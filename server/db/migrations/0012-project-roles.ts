import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    // So that a row can say of which organisation its project is, and is right when the project moves.
    sql`alter table projects add unique (id, organization_id)`,
    // Null: in the projects alone that `project_members` names.
    sql`alter table members alter column role drop not null`,
    sql`create table project_members (
      project_id uuid not null,
      user_id text not null,
      organization_id uuid not null,
      role text not null check (role in ('viewer', 'editor', 'owner')),
      created_at timestamptz not null default now(),
      primary key (project_id, user_id),
      foreign key (project_id, organization_id) references projects (id, organization_id) on update cascade,
      foreign key (organization_id, user_id) references members (organization_id, user_id) on delete cascade
    )`,
    sql`create index project_members_by_member on project_members (organization_id, user_id)`,
    // Who may do what in which project: the greater of both roles. Nothing else says so.
    sql`create view project_roles as
      select projects.id as project_id, projects.organization_id, members.user_id,
        case
          when 'owner' in (members.role, project_members.role) then 'owner'
          when 'editor' in (members.role, project_members.role) then 'editor'
          else 'viewer'
        end as role,
        members.role is not distinct from 'owner' as owns_organization
      from members
      join projects on projects.organization_id = members.organization_id
      left join project_members
        on project_members.project_id = projects.id and project_members.user_id = members.user_id
      where members.role is not null or project_members.role is not null`,
    // Null: for all projects of the organisation.
    sql`alter table invitations
      add column project_id uuid,
      add foreign key (project_id, organization_id) references projects (id, organization_id),
      drop constraint invitations_organization_id_email_key,
      add unique nulls not distinct (organization_id, email, project_id)`,
  ];
  for (const statement of statements) await statement.execute(db);
}
