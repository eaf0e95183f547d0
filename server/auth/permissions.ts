import { sql } from 'kysely';
import type { KeyRole } from '#shared/project-role.ts';
import type { Database } from '#server/db/database.ts';
import { batchReads } from '#server/live/batch-reads.ts';

/** The principal of a session or an API key, and what they may do. */
export interface Permissions {
  principal: { kind: 'user' | 'key'; id: string; name: string };
  /** The user's e-mail address, for which invitations are made; empty for keys. */
  email: string;
  /** Undefined for keys. */
  sessionId: string | undefined;
  /** By project id, the oldest project first. */
  projects: ReadonlyMap<string, ProjectPermissions>;
}

export interface ProjectPermissions {
  role: KeyRole;
  /** The organisation of the project. */
  organizationId: string;
  ownsOrganization: boolean;
}

interface PermissionRow {
  secret: string;
  kind: 'user' | 'key';
  id: string;
  name: string;
  email: string;
  sessionId: string | null;
  projects: ({ id: string } & ProjectPermissions)[];
}

/**
 * Current permissions by session token and by key hash; undefined for an unknown, expired or revoked one. Calls at the same
 * time share a query.
 */
export function createPermissionReads(db: Database) {
  const collect = (rows: PermissionRow[]) =>
    new Map(
      rows.map(({ secret, kind, id, name, email, sessionId, projects }): [string, Permissions] => [
        secret,
        {
          principal: { kind, id, name },
          email,
          sessionId: sessionId ?? undefined,
          projects: new Map(projects.map(({ id, ...permissions }) => [id, permissions])),
        },
      ]),
    );

  const bySession = batchReads(async (tokens: string[]) => {
    const { rows } = await sql<PermissionRow>`
      select sessions.token as secret, 'user' as kind, users.id, users.name, users.email, sessions.id as session_id,
        coalesce(
          json_agg(
            json_build_object(
              'id', roles.project_id,
              'role', roles.role,
              'organizationId', roles.organization_id,
              'ownsOrganization', roles.owns_organization
            ) order by roles.project_id
          ) filter (where roles.project_id is not null),
          '[]'
        ) as projects
      from sessions
      join users on users.id = sessions.user_id
      left join project_roles roles on roles.user_id = users.id
      where sessions.token = any(${tokens}::text[]) and sessions.expires_at > now()
      group by sessions.id, users.id`.execute(db);
    return collect(rows);
  });

  const byKey = batchReads(async (hashes: string[]) => {
    // People read `last_used_at`, so it is written at most once a minute and not for every request.
    await sql`
      update api_keys set last_used_at = now()
      where secret_hash = any(${hashes}::text[]) and (expires_at is null or expires_at > now())
        and (last_used_at is null or last_used_at < now() - interval '1 minute')`.execute(db);
    const { rows } = await sql<PermissionRow>`
      select secret_hash as secret, 'key' as kind, keys.id, keys.name, '' as email, null as session_id,
        json_build_array(
          json_build_object(
            'id', project_id,
            'role', role,
            'organizationId', organization_id,
            'ownsOrganization', false
          )
        ) as projects
      from api_keys keys
      join projects on projects.id = keys.project_id
      where secret_hash = any(${hashes}::text[]) and (expires_at is null or expires_at > now())`.execute(db);
    return collect(rows);
  });

  return { bySession, byKey };
}
