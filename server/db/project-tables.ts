import type { Generated } from 'kysely';
import type { TestSettings } from '#shared/test-settings.ts';
import type { CatchUpRule, MissedStartReason, OverlapRule } from '#shared/schedule-rules.ts';
import type { lockFiles, PackageManager } from '#shared/lock-files.ts';
import type { SuiteGit } from '#shared/suite-git.ts';
import type { SuiteCase, SuiteOfJob } from '#shared/suites.ts';
import type { Json, NullableJson, NullableTimestamp, Timestamp } from './column-types.ts';

export interface TestsTable {
  id: string;
  projectId: string;
  name: string;
  script: string;
  settings: Json<TestSettings>;
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
  /** It runs this suite instead of tests. */
  suiteId: string | null;
  /** Null: the newest one, or one that was deleted. */
  bundleId: string | null;
  suiteRun: NullableJson<SuiteOfJob>;
  createdAt: Timestamp;
  updatedAt: Timestamp;
  archivedAt: NullableTimestamp;
}

export interface MissedStartsTable {
  id: string;
  jobId: string;
  dueAt: Timestamp;
  reason: MissedStartReason;
  /** A sentence; null where the reason says all. */
  details: string | null;
  /** The run that made up for it. */
  runId: string | null;
  createdAt: Timestamp;
}

export interface JobTestsTable {
  jobId: string;
  testId: string;
  position: number;
}

/** A Playwright project of a team. Its first run makes it. */
export interface SuitesTable {
  id: string;
  projectId: string;
  /** Unique in the project. */
  name: string;
  createdAt: Timestamp;
  archivedAt: NullableTimestamp;
  /** Where it is in git; null: it is only pushed. */
  git: NullableJson<SuiteGit>;
  /** Runs of other branches are compared with its runs; null: `main`, else `master`. */
  baseBranch: string | null;
}

/** Bytes of bundles, which several suites of a project may share. */
export interface BundleArchivesTable {
  projectId: string;
  hash: string;
  /** Of the archive. */
  bytes: number;
  unpackedBytes: number;
  files: number;
  receivedAt: Timestamp;
}

/** How a run of a suite is divided into parts. */
export interface SuitePlansTable {
  runId: string;
  /** The cases of each part. */
  plan: Json<SuiteCase[][]>;
}

/** A suite as it was pushed. */
export interface SuiteBundlesTable {
  id: string;
  projectId: string;
  suiteId: string;
  hash: string;
  /** The folder of the config in the bundle; empty: its root. */
  dir: string;
  config: string;
  packageManager: PackageManager;
  lockFile: keyof typeof lockFiles;
  playwright: string | null;
  branch: string | null;
  commitSha: string | null;
  commitMessage: string | null;
  author: string | null;
  isDirty: boolean;
  pushedBy: string | null;
  /** Last; what is pushed again is the newest. */
  pushedAt: Timestamp;
}

/** Accepted baselines of a test. */
export interface SnapshotsTable {
  testId: string;
  /** In Playwright's folder of the test's snapshots. */
  path: string;
  content: Buffer;
  contentType: string;
  /** The run that took it. */
  runId: string | null;
  acceptedBy: string;
  acceptedAt: Timestamp;
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
