import type {
  ApiKeysTable,
  AuditEventsTable,
  BadgesTable,
  CredentialsTable,
  InvitationsTable,
  MembersTable,
  OrganizationsTable,
  PasswordResetsTable,
  ProjectMembersTable,
  ProjectRolesView,
  ProjectsTable,
  SessionsTable,
  ShareLinksTable,
  UsersTable,
} from './access-tables.ts';
import type {
  NotificationDeliveriesTable,
  NotificationEventsTable,
  NotificationRulesTable,
} from './notification-tables.ts';
import type {
  BundleArchivesTable,
  JobTestsTable,
  JobsTable,
  MissedStartsTable,
  SnapshotsTable,
  SuiteBundlesTable,
  SuitePlansTable,
  SuitesTable,
  TestsTable,
  VariablesTable,
} from './project-tables.ts';
import type {
  ArtifactsTable,
  CasesTable,
  QuarantinesTable,
  RunCasesTable,
  RunDaysTable,
  RunEventsTable,
  RunFilesTable,
  RunPartsTable,
  RunTestsTable,
  RunsTable,
  WorkerPresenceTable,
  WorkersTable,
} from './run-tables.ts';

/** All tables and views, by their names in queries. */
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
  shareLinks: ShareLinksTable;
  badges: BadgesTable;
  tests: TestsTable;
  jobs: JobsTable;
  jobTests: JobTestsTable;
  missedStarts: MissedStartsTable;
  runs: RunsTable;
  runTests: RunTestsTable;
  runParts: RunPartsTable;
  cases: CasesTable;
  runCases: RunCasesTable;
  quarantines: QuarantinesTable;
  runDays: RunDaysTable;
  runEvents: RunEventsTable;
  runFiles: RunFilesTable;
  artifacts: ArtifactsTable;
  snapshots: SnapshotsTable;
  suites: SuitesTable;
  bundleArchives: BundleArchivesTable;
  suiteBundles: SuiteBundlesTable;
  suitePlans: SuitePlansTable;
  workers: WorkersTable;
  workerPresence: WorkerPresenceTable;
  variables: VariablesTable;
  notificationRules: NotificationRulesTable;
  notificationEvents: NotificationEventsTable;
  notificationDeliveries: NotificationDeliveriesTable;
}
