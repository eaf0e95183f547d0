import type { Generated, GeneratedAlways } from 'kysely';
import type { ArtifactKind, RunKind, RunOrigin, RunTrigger, TestError } from '#shared/events.ts';
import type { CaseChoice } from '#shared/case-choice.ts';
import type { CaseAnnotation, PartState } from '#shared/run-cases.ts';
import type { RunStatus, TestStatus } from '#shared/run-status.ts';
import type { SnapshotOfArtifact } from '#shared/snapshots.ts';
import type { SuiteRunOptions } from '#shared/suites.ts';
import type { RunSettings } from '#shared/test-settings.ts';
import type { Json, NullableTimestamp, Timestamp } from './column-types.ts';

export interface RunsTable {
  id: string;
  projectId: string;
  kind: RunKind;
  testId: string | null;
  jobId: string | null;
  suiteId: string | null;
  origin: Generated<RunOrigin>;
  name: string;
  status: RunStatus;
  version: Generated<number>;
  seq: Generated<number>;
  activitySeq: number;
  trigger: RunTrigger;
  triggeredBy: string | null;
  retryOf: string | null;
  /** The run has only some of the cases of its test or job, so it is no verdict on the whole. */
  partial: Generated<boolean>;
  /** The case that the run repeats, and how often; null for all other runs. */
  repeatedCaseId: string | null;
  repeats: number | null;
  idempotencyKey: string | null;
  timeoutMs: number | null;
  queuedAt: Timestamp;
  startedAt: NullableTimestamp;
  completedAt: NullableTimestamp;
  durationMs: number | null;
  heartbeatAt: NullableTimestamp;
  workerId: string | null;
  cancelRequestedAt: NullableTimestamp;
  /** Name of the caller that cancelled the run, as pages show it. */
  cancelRequestedBy: string | null;
  errorCode: string | null;
  errorDetails: string | null;
  total: Generated<number>;
  passed: Generated<number>;
  failed: Generated<number>;
  skipped: Generated<number>;
  notRun: Generated<number>;
  flaky: Generated<number>;
  quarantined: Generated<number>;
  reportPath: string | null;
  /** Where the report is in its bucket. */
  s3Url: string | null;
  artifactPaths: Json<string[]>;
  branch: string | null;
  commitSha: string | null;
  /** First line of the commit's message. */
  commitMessage: string | null;
  author: string | null;
  /** Address of the pull request, or its number as `#12`. */
  pullRequest: string | null;
  ciProvider: string | null;
  /** The same for the parts of one run. */
  buildId: string | null;
  /** What the CI provider calls the attempt; null where it has no name for it. */
  buildAttempt: string | null;
  buildUrl: string | null;
  /** The bundle that a run of a suite executes; null once it is deleted, and for all other runs. */
  bundleId: string | null;
  /** Null for reported runs and for all runs that are not of a suite. */
  suiteOptions: Json<SuiteRunOptions | null>;
}

export interface RunTestsTable {
  runId: string;
  position: number;
  testId: string | null;
  name: string;
  script: string;
  /** Equal for equal scripts. */
  scriptHash: GeneratedAlways<string>;
  /** The test's settings with the project's defaults, as they were when the run was queued. */
  settings: Json<RunSettings>;
  /** The cases that the run executes; null: all. */
  choice: Json<CaseChoice | null>;
  status: Generated<TestStatus>;
  flaky: Generated<boolean>;
  durationMs: number | null;
  error: Json<TestError | null>;
}

/** A part of a run: one of Playwright's shards. */
export interface RunPartsTable {
  runId: string;
  /** From 0. */
  part: number;
  status: RunStatus;
  /** The machine that executes it. */
  executor: string | null;
  /** Index of its first case in the run. */
  firstIndex: Generated<number>;
  total: Generated<number>;
  /** Hash of the list of its cases; null until Playwright has listed them. */
  casesHash: string | null;
  /** The reporter that reports the part, or the claim of a worker on the part of a suite; null: the part waits. */
  session: string | null;
  /** The worker that executes the part of a suite; null for all other parts. */
  workerId: string | null;
  /** How often the part was begun. */
  attempt: Generated<number>;
  /** Reported entries that are stored. */
  acknowledged: Generated<number>;
  /** Time of the last sign of life of the reporter, or of the worker that executes the part of a suite. */
  heartbeatAt: NullableTimestamp;
  phases: Json<NonNullable<PartState['phases']>>;
  /** No sign of life for `reportSilentMs`; set by the sweep. */
  silent: Generated<boolean>;
  errorCode: string | null;
  errorDetails: string | null;
  /** What the part has used of the limits of its run: steps, output, titles and errors, files. */
  steps: Generated<number>;
  outputChars: Generated<number>;
  textChars: Generated<number>;
  files: Generated<number>;
  fileBytes: Generated<number>;
  /** Reported entries that made no sense and were left out. */
  irregular: Generated<number>;
  startedAt: NullableTimestamp;
  completedAt: NullableTimestamp;
}

/** The cases themselves, one row each for all their runs. */
export interface CasesTable {
  /** Computed from the other columns: see `server/runs/case-id.ts`. */
  id: string;
  projectId: string;
  testId: string | null;
  suiteId: string | null;
  /** Name of the Playwright project; empty for the only one. */
  project: string;
  /** Relative to Playwright's `rootDir`; empty for a script. */
  file: string;
  titlePath: Json<string[]>;
  /** The same as one text. */
  title: string;
  createdAt: Timestamp;
}

export interface RunCasesTable {
  runId: string;
  /** From 0, in the order in which Playwright lists the cases. */
  index: number;
  caseId: string;
  part: number;
  /** Position of the script in the run; null in a run of a suite. */
  position: number | null;
  /** This row stands for a script until Playwright has listed its cases. */
  isScript: Generated<boolean>;
  /** From 0: the repetition, in a run that repeats a case. Such results are in no history. */
  repeat: number | null;
  line: number | null;
  tags: Json<string[]>;
  annotations: Json<CaseAnnotation[]>;
  status: Generated<TestStatus>;
  attempt: Generated<number>;
  flaky: Generated<boolean>;
  quarantined: Generated<boolean>;
  /** Sum of all attempts that have ended; null for a case that did not run. */
  durationMs: number | null;
  error: Json<TestError | null>;
  errors: Json<TestError[] | null>;
  /** The same for failures with the same cause. */
  fingerprint: string | null;
  /** The version of the run when the case changed last. */
  version: number;
  startedAt: NullableTimestamp;
  completedAt: NullableTimestamp;
}

/** Cases that do not fail their runs. */
export interface QuarantinesTable {
  caseId: string;
  projectId: string;
  reason: string;
  owner: string;
  /** Null: until a member ends it. */
  expiresAt: NullableTimestamp;
  createdBy: string;
  createdAt: Timestamp;
}

export interface RunEventsTable {
  runId: string;
  seq: number;
  type: string;
  caseIndex: number | null;
  attempt: number | null;
  payload: Json<Record<string, unknown>>;
  at: Timestamp;
}

/** Files of reported parts that the store has, whether or not an artifact names them yet. */
export interface RunFilesTable {
  runId: string;
  /** Relative to the folder of the run. */
  path: string;
  bytes: number;
}

export interface ArtifactsTable {
  id: string;
  runId: string;
  runTestPosition: number | null;
  caseIndex: number | null;
  attempt: number | null;
  kind: ArtifactKind;
  /** The name that the test gave; null for artifacts older than this column. */
  name: string | null;
  path: string;
  bytes: number;
  contentType: string;
  snapshot: Json<SnapshotOfArtifact | null>;
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

/** The runs of a project that ended on a day with a verdict. */
export interface RunDaysTable {
  projectId: string;
  /** In UTC. */
  day: string;
  passed: number;
  failed: number;
  /** Flaky cases of those runs. */
  flaky: number;
}
