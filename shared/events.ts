import { z } from 'zod';
import { runKinds, runTriggers } from './run-kinds.ts';
import { externalStatus, runStatus, streamStatus, testStatus } from './run-status-schema.ts';

const isoTime = z.string();
const count = z.int().nonnegative();

/** Where an artifact is served, relative to the origin: `/artifacts/<runId>/…`. */
const artifactPath = z.string();

const counts = {
  /** Tests in the run, and how many of them ended how. `flaky` ones are also counted in `passed`. */
  total: count,
  passed: count,
  failed: count,
  skipped: count,
  flaky: count,
};

export const runKind = z.enum(runKinds);
export type RunKind = z.infer<typeof runKind>;

export const runTrigger = z.enum(runTriggers);
export type RunTrigger = z.infer<typeof runTrigger>;

/** `test:${testId}:*`: state of a test's own runs. */
export const testStatusEvent = z.object({
  status: streamStatus,
  testId: z.string().nullish(),
  runId: z.string().nullish(),
  /** Rises with every change of the run; absent on messages of outside publishers. */
  version: count.nullish(),
  reportPath: z.string().nullish(),
  s3Url: z.string().nullish(),
  error: z.string().nullish(),
});
export type TestStatusEvent = z.infer<typeof testStatusEvent>;

/** `job:${runId}:*`: state of a run of either kind. `duration` is milliseconds. */
export const jobStatusEvent = z.object({
  status: streamStatus,
  runId: z.string().nullish(),
  /** Rises with every change of the run; absent on messages of outside publishers. */
  version: count.nullish(),
  duration: z.number().nullish(),
  startedAt: isoTime.nullish(),
  completedAt: isoTime.nullish(),
  errorDetails: z.string().nullish(),
  artifactPaths: z.array(artifactPath).nullish(),
  kind: runKind.nullish(),
  name: z.string().nullish(),
  total: count.nullish(),
  passed: count.nullish(),
  failed: count.nullish(),
  skipped: count.nullish(),
  flaky: count.nullish(),
});
export type JobStatusEvent = z.infer<typeof jobStatusEvent>;

/** What the two status channels accept: ours, and the reference document's JSON from outside publishers. */
export const testStatusMessage = testStatusEvent.extend({ status: externalStatus });
export const jobStatusMessage = jobStatusEvent.extend({ status: externalStatus });

/** An error of a test or step. Text may hold ANSI colour codes. `snippet` is the code frame. */
export const testError = z.object({
  message: z.string(),
  snippet: z.string().nullish(),
  /** Position in the test's own script, 1-based. */
  line: count.nullish(),
  column: count.nullish(),
});
export type TestError = z.infer<typeof testError>;

export const artifactKind = z.enum(['report', 'trace', 'video', 'screenshot', 'log']);
export type ArtifactKind = z.infer<typeof artifactKind>;

const logHead = {
  /** Position in the run's log: 1, 2, 3, … without gaps. */
  seq: count,
  at: isoTime,
};

/** Entries of a run's log, before they have their place in it. */
export const runEventBody = z.discriminatedUnion('type', [
  z.object({ type: z.literal('status'), status: runStatus, errorDetails: z.string().nullish() }),
  z.object({
    type: z.literal('test'),
    /** Place of the test in the run, from 0. */
    position: count,
    name: z.string(),
    status: testStatus,
    flaky: z.boolean(),
    /** Milliseconds. */
    duration: z.number().nullable(),
    error: testError.nullable(),
  }),
  z.object({
    type: z.literal('step'),
    position: count,
    /** Sent twice with the same id, when the step begins (`running`) and when it ends. Unique in the run. */
    id: z.string(),
    parentId: z.string().nullable(),
    /** `case` is a Playwright `test()`, which has no parent; the rest are Playwright's own step categories. */
    category: z.string(),
    title: z.string(),
    status: testStatus,
    duration: z.number().nullable(),
    error: testError.nullable(),
    /** Line of the test's script, 1-based. */
    line: count.nullish(),
  }),
  z.object({
    type: z.literal('log'),
    stream: z.enum(['stdout', 'stderr']),
    text: z.string(),
    /** Absent: said by the runner, not by a test. */
    position: count.nullish(),
  }),
  z.object({
    type: z.literal('artifact'),
    kind: artifactKind,
    path: artifactPath,
    name: z.string(),
    bytes: count,
    contentType: z.string(),
    position: count.nullish(),
  }),
]);
export type RunEventBody = z.infer<typeof runEventBody>;

/** `run:${runId}:events`. */
export const runEvent = z.intersection(z.object(logHead), runEventBody);
export type RunEvent = z.infer<typeof runEvent>;

/** `activity:${projectId}`, and what lists of runs show. */
export const runSummary = z.object({
  id: z.string(),
  kind: runKind,
  name: z.string(),
  testId: z.string().nullable(),
  jobId: z.string().nullable(),
  status: runStatus,
  version: count,
  /** Rises with every change of any run of the project. */
  activitySeq: count,
  trigger: runTrigger,
  triggeredBy: z.string().nullable(),
  retryOf: z.string().nullable(),
  queuedAt: isoTime,
  startedAt: isoTime.nullable(),
  completedAt: isoTime.nullable(),
  /** Milliseconds from start to end. */
  duration: z.number().nullable(),
  errorCode: z.string().nullable(),
  /** First line of what went wrong. */
  errorDetails: z.string().nullable(),
  reportPath: artifactPath.nullable(),
  ...counts,
  /** Of those that are `skipped`, the ones that the run's end found waiting. Processes of an earlier version do not say. */
  notRun: count.default(0),
});
export type RunSummary = z.infer<typeof runSummary>;

/** How one run went for a test or a job: a point of its history. */
export const verdict = z.object({
  runId: z.string(),
  /** Of the run or, where a test ran as a part of a job, of the test in it. */
  status: runStatus,
  /** Of the run: rises with every change. */
  version: count,
  queuedAt: isoTime,
  startedAt: isoTime.nullable(),
  /** Milliseconds. */
  duration: z.number().nullable(),
});
export type Verdict = z.infer<typeof verdict>;

/** A verdict that says that something is wrong, with the first line of what. */
export const failure = verdict.extend({ error: z.string().nullable() });
export type Failure = z.infer<typeof failure>;

/** `queue:stats`. */
export const queueStats = z.object({
  running: count,
  runningCapacity: count,
  queued: count,
  queuedCapacity: count,
  oldestQueuedAt: isoTime.nullable(),
});
export type QueueStats = z.infer<typeof queueStats>;

/** Who runs now, the longest first, and who waits, in the order of their turn. `position` counts from 1. */
export interface QueueList {
  running: RunSummary[];
  queued: (RunSummary & { position: number })[];
}

/** `workers`: every process that executes runs now, in the order in which they were started. */
export const workerPresence = z.object({
  /** Rises with every change. */
  seq: count,
  items: z.array(
    z.object({
      id: z.string(),
      host: z.string(),
      pid: count,
      /** Of Runlight. */
      version: z.string(),
      /** Runs that it executes at once. */
      concurrency: count,
      /** What it executes now; others than those of their project are not shown to anybody. */
      runs: z.array(z.object({ runId: z.string(), name: z.string(), projectId: z.string() })),
      startedAt: isoTime,
      /** Its last sign of life. */
      beatAt: isoTime,
    }),
  ),
});
export type WorkerPresence = z.infer<typeof workerPresence>;
