import { z } from 'zod';
import { runKind, runTrigger } from './events.ts';
import { notificationEvents } from './notifications.ts';
import { missedStartReasons } from './schedule-rules.ts';
import { runStatus } from './run-status-schema.ts';

/** A case that failed. */
const failure = z.object({
  caseId: z.string(),
  /** Of the Playwright project; empty for the only one. */
  project: z.string(),
  file: z.string(),
  title: z.string(),
  /** First line. */
  error: z.string().nullable(),
  /** It did not fail in the run before. */
  isNew: z.boolean(),
  url: z.string(),
});

const run = z.object({
  id: z.string(),
  url: z.string(),
  name: z.string(),
  kind: runKind,
  status: runStatus,
  testId: z.string().nullable(),
  jobId: z.string().nullable(),
  suiteId: z.string().nullable(),
  trigger: runTrigger,
  triggeredBy: z.string().nullable(),
  branch: z.string().nullable(),
  commitSha: z.string().nullable(),
  commitMessage: z.string().nullable(),
  author: z.string().nullable(),
  pullRequest: z.string().nullable(),
  buildUrl: z.string().nullable(),
  queuedAt: z.string(),
  startedAt: z.string().nullable(),
  completedAt: z.string().nullable(),
  durationMs: z.number().nullable(),
  total: z.number(),
  passed: z.number(),
  failed: z.number(),
  skipped: z.number(),
  notRun: z.number(),
  flaky: z.number(),
  quarantined: z.number(),
  errorCode: z.string().nullable(),
  /** First line. */
  errorDetails: z.string().nullable(),
  /** The first 20. */
  failures: z.array(failure),
});

/** A start that did not happen. */
const missedStart = z.object({
  jobId: z.string(),
  name: z.string(),
  dueAt: z.string(),
  reason: z.enum(missedStartReasons),
  details: z.string().nullable(),
  url: z.string(),
});

/** The body of a webhook. `docs/notifications.md` explains it. */
export const notificationPayload = z.object({
  version: z.literal(1),
  /** Of the delivery: the same in every attempt. */
  id: z.string(),
  /** `run.ended`: of a rule for all runs. `test`: the test button. */
  type: z.enum([
    'run.failed',
    'run.newly_failing',
    'run.recovered',
    'run.flaky',
    'run.lost',
    'run.started',
    'run.failing',
    'run.ended',
    'job.start_missed',
    'test',
  ]),
  /** Every event of the rule that it is. */
  events: z.array(z.enum([...notificationEvents, 'started', 'failing', 'test'])),
  /** Of the event. */
  timestamp: z.string(),
  /** Rises with each delivery of the rule; 0 in a test. */
  sequence: z.number(),
  rule: z.object({ id: z.string(), name: z.string() }),
  project: z.object({ id: z.string(), name: z.string() }),
  data: z.object({ run: run.nullable(), missedStart: missedStart.nullable() }),
});
export type NotificationPayload = z.infer<typeof notificationPayload>;
