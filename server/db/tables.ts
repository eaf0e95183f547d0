import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { ActorKind, AuditAction, AuditDetails, AuditOutcome, AuditTargetKind } from '#shared/audit.ts';
import type { ArtifactKind, RunKind, RunTrigger, TestError } from '#shared/events.ts';
import type { ProjectRole } from '#shared/project-role.ts';
import type { RunStatus, TestStatus } from '#shared/run-status.ts';
import type { CatchUpRule, MissedStartReason, OverlapRule } from '#shared/schedule-rules.ts';

/** Read as ISO-8601 text, so that rows are plain JSON. */
type Timestamp = ColumnType<string, string | Date | undefined, string | Date>;
type NullableTimestamp = ColumnType<string | null, string | Date | null | undefined, string | Date | null>;
/** The caller writes JSON text, because node-postgres would send an array as a Postgres array. */
type Json<T> = ColumnType<T, string | undefined, string>;

export interface ProjectsTable {
  id: string;
  name: string;
  organizationId: string;
  activitySeq: Generated<number>;
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
  role: ProjectRole;
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

export interface TestsTable {
  id: string;
  projectId: string;
  name: string;
  script: string;
  createdAt: Timestamp;
  updatedAt: Timestamp;
  archivedAt: NullableTimestamp;
}

export interface JobsTable {
  id: string;
  projectId: string;
  name: string;
  schedule: string | null;
  timezone: Generated<string>;
  enabled: Generated<boolean>;
  timeoutMs: number | null;
  overlap: Generated<OverlapRule>;
  catchUp: Generated<CatchUpRule>;
  /** Starts that were due until then have happened, or are in `missed_starts`. */
  handledUntil: Timestamp;
  createdAt: Timestamp;
  updatedAt: Timestamp;
  archivedAt: NullableTimestamp;
}

export interface MissedStartsTable {
  id: string;
  jobId: string;
  dueAt: Timestamp;
  reason: MissedStartReason;
  /** The run that made up for it. */
  runId: string | null;
  createdAt: Timestamp;
}

export interface JobTestsTable {
  jobId: string;
  testId: string;
  position: number;
}

export interface RunsTable {
  id: string;
  projectId: string;
  kind: RunKind;
  testId: string | null;
  jobId: string | null;
  name: string;
  status: RunStatus;
  version: Generated<number>;
  seq: Generated<number>;
  activitySeq: number;
  trigger: RunTrigger;
  triggeredBy: string | null;
  retryOf: string | null;
  idempotencyKey: string | null;
  timeoutMs: number | null;
  queuedAt: Timestamp;
  startedAt: NullableTimestamp;
  completedAt: NullableTimestamp;
  durationMs: number | null;
  heartbeatAt: NullableTimestamp;
  workerId: string | null;
  cancelRequestedAt: NullableTimestamp;
  errorCode: string | null;
  errorDetails: string | null;
  total: Generated<number>;
  passed: Generated<number>;
  failed: Generated<number>;
  skipped: Generated<number>;
  notRun: Generated<number>;
  flaky: Generated<number>;
  reportPath: string | null;
  artifactPaths: Json<string[]>;
}

export interface RunTestsTable {
  runId: string;
  position: number;
  testId: string | null;
  name: string;
  script: string;
  status: Generated<TestStatus>;
  flaky: Generated<boolean>;
  durationMs: number | null;
  error: Json<TestError | null>;
}

export interface RunEventsTable {
  runId: string;
  seq: number;
  type: string;
  payload: Json<Record<string, unknown>>;
  at: Timestamp;
}

export interface ArtifactsTable {
  id: string;
  runId: string;
  runTestPosition: number | null;
  kind: ArtifactKind;
  /** The name that the test gave; null for artifacts older than this column. */
  name: string | null;
  path: string;
  bytes: number;
  contentType: string;
}

export interface WorkersTable {
  id: string;
  host: string;
  pid: number;
  version: string;
  concurrency: number;
  startedAt: Timestamp;
  beatAt: Timestamp;
}

export interface WorkerPresenceTable {
  seq: Generated<number>;
  toldAt: Timestamp;
}

export interface VariablesTable {
  projectId: string;
  name: string;
  /** Sealed: see `server/variables/secret-box.ts`. */
  value: string;
  updatedAt: Timestamp;
  /** Hidden in what tests print, and never shown. */
  isSecret: Generated<boolean>;
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

export interface Tables {
  auditEvents: AuditEventsTable;
  organizations: OrganizationsTable;
  projects: ProjectsTable;
  users: UsersTable;
  sessions: SessionsTable;
  credentials: CredentialsTable;
  passwordResets: PasswordResetsTable;
  members: MembersTable;
  projectMembers: ProjectMembersTable;
  projectRoles: ProjectRolesView;
  invitations: InvitationsTable;
  apiKeys: ApiKeysTable;
  tests: TestsTable;
  jobs: JobsTable;
  jobTests: JobTestsTable;
  missedStarts: MissedStartsTable;
  runs: RunsTable;
  runTests: RunTestsTable;
  runEvents: RunEventsTable;
  artifacts: ArtifactsTable;
  workers: WorkersTable;
  workerPresence: WorkerPresenceTable;
  variables: VariablesTable;
}
