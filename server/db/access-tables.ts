import type { Generated, GeneratedAlways } from 'kysely';
import type { ActorKind, AuditAction, AuditDetails, AuditOutcome, AuditTargetKind } from '#shared/audit.ts';
import type { TestSettings } from '#shared/test-settings.ts';
import type { KeyRole, ProjectRole } from '#shared/project-role.ts';
import type { Json, NullableTimestamp, Timestamp } from './column-types.ts';

export interface ProjectsTable {
  id: string;
  name: string;
  organizationId: string;
  activitySeq: Generated<number>;
  /** Defaults of the project's tests. */
  settings: Json<TestSettings>;
  createdAt: Timestamp;
}

export interface OrganizationsTable {
  id: string;
  name: string;
  createdAt: Timestamp;
}

export interface UsersTable {
  id: string;
  name: string;
  email: string;
  emailVerified: Generated<boolean>;
  image: string | null;
  createdAt: Timestamp;
  updatedAt: Timestamp;
}

export interface SessionsTable {
  id: string;
  token: string;
  userId: string;
  expiresAt: Timestamp;
  ipAddress: string | null;
  userAgent: string | null;
  createdAt: Timestamp;
  updatedAt: Timestamp;
}

/** A way to sign in: a password (`providerId` is `credential`) or an account at an OIDC provider (its issuer). */
export interface CredentialsTable {
  id: string;
  providerId: string;
  /** The subject at the OIDC provider; for a password, the user's id. */
  accountId: string;
  userId: string;
  password: string | null;
  createdAt: Timestamp;
  updatedAt: Timestamp;
}

export interface PasswordResetsTable {
  userId: string;
  secretHash: string;
  /** Id of the user who made the link; null when an operator made it on the server. */
  creatorId: string | null;
  expiresAt: Timestamp;
}

export interface MembersTable {
  organizationId: string;
  userId: string;
  /** Applies to all projects of the organisation; null: only the roles in `project_members` apply. */
  role: ProjectRole | null;
  createdAt: Timestamp;
}

export interface ProjectMembersTable {
  projectId: string;
  userId: string;
  organizationId: string;
  role: ProjectRole;
  createdAt: Timestamp;
}

/** A view: the greater of a member's roles in `members` and `project_members`, per project. */
export interface ProjectRolesView {
  projectId: string;
  organizationId: string;
  userId: string;
  role: ProjectRole;
  /** The role in `members` is `owner`. */
  ownsOrganization: boolean;
}

export interface InvitationsTable {
  id: string;
  organizationId: string;
  /** Null: the invitation is for all projects of the organisation. */
  projectId: string | null;
  email: string;
  role: ProjectRole;
  secretHash: string;
  /** Name of the inviter at that time. */
  invitedBy: string;
  /** Null for invitations older than this column. */
  inviterId: string | null;
  createdAt: Timestamp;
  expiresAt: Timestamp;
}

export interface ApiKeysTable {
  id: string;
  projectId: string;
  name: string;
  role: KeyRole;
  secretHash: string;
  /** The first characters of the key, shown in lists. */
  start: string;
  /** Name of the creator at that time. */
  createdBy: string;
  /** The user may have been removed. Null when the creator is unknown. */
  creatorId: string | null;
  createdAt: Timestamp;
  expiresAt: NullableTimestamp;
  lastUsedAt: NullableTimestamp;
}

/** Opens one run without signing in, until it expires. */
export interface ShareLinksTable {
  id: string;
  runId: string;
  secretHash: string;
  /** Name of the creator at that time. */
  createdBy: string;
  createdAt: Timestamp;
  expiresAt: Timestamp;
  lastUsedAt: NullableTimestamp;
}

/** Shows anyone who knows its token how a test, a job or a suite does; only one of their ids is set. */
export interface BadgesTable {
  id: string;
  projectId: string;
  testId: string | null;
  jobId: string | null;
  suiteId: string | null;
  /** Null: of all branches. */
  branch: string | null;
  /** Stands in pages that all may read, and is shown again: it is no secret of a person. */
  token: string;
  /** Name of the creator at that time. */
  createdBy: string;
  createdAt: Timestamp;
}

export interface AuditEventsTable {
  id: string;
  at: Timestamp;
  organizationId: string;
  /** Null: the event concerns the organisation or an account. */
  projectId: string | null;
  /** The project, or the organisation if there is no project. */
  scopeId: GeneratedAlways<string>;
  actorKind: ActorKind;
  /** Id of the user or key; for other actors, their kind. */
  actorId: string;
  actorName: string;
  /** IP address of the request. */
  address: string | null;
  action: AuditAction;
  targetKind: AuditTargetKind;
  targetId: string | null;
  targetName: string;
  details: Json<AuditDetails>;
  outcome: Generated<AuditOutcome>;
  /** Above 1 when the same attempt was refused several times within a minute. */
  count: Generated<number>;
}
