import {
  CamelCasePlugin,
  type ColumnType,
  type Generated,
  type GeneratedAlways,
  Kysely,
  PostgresDialect,
  type Transaction,
} from 'kysely';
import pg from 'pg';
import type { ActorKind, AuditAction, AuditDetails, AuditOutcome, AuditTargetKind } from '#shared/audit.ts';
import type { ArtifactKind, RunKind, RunTrigger, TestError } from '#shared/events.ts';
import type { ProjectRole } from '#shared/project-role.ts';
import type { RunStatus, TestStatus } from '#shared/run-status.ts';

/** Read as ISO-8601 text, so that rows are plain JSON. */
type Timestamp = ColumnType<string, string | Date | undefined, string | Date>;
type NullableTimestamp = ColumnType<string | null, string | Date | null | undefined, string | Date | null>;
/** Written as JSON text by the caller, since node-postgres would send an array as a Postgres array. */
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

/** What a user signs in with: a password (`credential`), or an account at an OIDC provider, which its issuer names. */
export interface CredentialsTable {
  id: string;
  providerId: string;
  /** The provider's subject; of a password the user's id. */
  accountId: string;
  userId: string;
  password: string | null;
  createdAt: Timestamp;
  updatedAt: Timestamp;
}

export interface PasswordResetsTable {
  userId: string;
  secretHash: string;
  /** Id of the user who made it; null: it was made on the server. */
  creatorId: string | null;
  expiresAt: Timestamp;
}

export interface MembersTable {
  organizationId: string;
  userId: string;
  /** In all projects of the organisation; null: in those alone that `project_members` names. */
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

/** A view: who may do what in which project, whether because of `members` or of `project_members`. */
export interface ProjectRolesView {
  projectId: string;
  organizationId: string;
  userId: string;
  role: ProjectRole;
  /** Their role in all projects is that of an owner. */
  ownsOrganization: boolean;
}

export interface InvitationsTable {
  id: string;
  organizationId: string;
  /** Null: it is for all projects of the organisation. */
  projectId: string | null;
  email: string;
  role: ProjectRole;
  secretHash: string;
  /** The name of who made it, as it was then. */
  invitedBy: string;
  /** Their id; null when it is not known. */
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
  /** Its first characters, by which people tell keys apart. */
  start: string;
  /** The name of who made it, as it was then. */
  createdBy: string;
  /** Id of the user who made it, who may be gone; null when it is not known. */
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
  createdAt: Timestamp;
  updatedAt: Timestamp;
  archivedAt: NullableTimestamp;
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
  /** What the test called it; artifacts that are older than this column have none. */
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
}

export interface AuditEventsTable {
  id: string;
  at: Timestamp;
  organizationId: string;
  /** Null: it concerns the organisation, or the accounts in it. */
  projectId: string | null;
  /** The project or, without one, the organisation. */
  scopeId: GeneratedAlways<string>;
  actorKind: ActorKind;
  /** Of a user or a key; for the others, their kind. */
  actorId: string;
  actorName: string;
  /** Where the request came from. */
  address: string | null;
  action: AuditAction;
  targetKind: AuditTargetKind;
  targetId: string | null;
  targetName: string;
  details: Json<AuditDetails>;
  outcome: Generated<AuditOutcome>;
  /** How often, where the same was refused several times within a minute. */
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
  runs: RunsTable;
  runTests: RunTestsTable;
  runEvents: RunEventsTable;
  artifacts: ArtifactsTable;
  workers: WorkersTable;
  workerPresence: WorkerPresenceTable;
  variables: VariablesTable;
}

export type Database = Kysely<Tables>;
export type Trx = Transaction<Tables>;

const int8 = 20;
const timestamptz = 1184;

const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === int8) return Number;
    if (oid === timestamptz) return (text: string) => new Date(text).toISOString();
    return pg.types.getTypeParser(oid, format as 'text');
  },
} as pg.CustomTypesConfig;

/**
 * A connection pool and the query builder on it. Connects on first use; `destroy()` ends both.
 * bigint columns are read as numbers, timestamps as ISO-8601 text.
 */
export function createDatabase(
  connection: pg.PoolConfig,
  options: { max?: number; onError?: (error: Error) => void } = {},
): { db: Database; pool: pg.Pool; destroy(): Promise<void> } {
  const pool = new pg.Pool({
    ...connection,
    application_name: 'runlight',
    max: options.max ?? 10,
    connectionTimeoutMillis: 10_000,
    types,
  });
  // An idle connection that breaks is replaced by the pool; without a listener the error would end the process.
  pool.on('error', (error) => options.onError?.(error));
  // The same for one that breaks while it is in use, but between two statements, when the pool does not listen.
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
  return { db, pool, destroy: () => db.destroy() };
}
