import type { z } from 'zod';
import {
  jobStatusMessage,
  runEvent,
  runSummary,
  testStatusMessage,
  type JobStatusEvent,
  type RunEvent,
  type RunSummary,
  type TestStatusEvent,
} from './events.ts';
import { queueStats, type QueueStats, workerPresence, type WorkerPresence } from './queue.ts';
import { caseChanges, type CaseChanges } from './run-cases.ts';

/** A bus channel and the schema of its JSON messages. Messages that do not match are ignored. */
export interface Channel<T> {
  readonly name: string;
  readonly schema: z.ZodType<T>;
}

/** State of a test's own runs: terminal events on `complete`, all others on `status`. */
export const testChannels = (testId: string): Record<'status' | 'complete', Channel<TestStatusEvent>> => ({
  status: { name: `test:${testId}:status`, schema: testStatusMessage },
  complete: { name: `test:${testId}:complete`, schema: testStatusMessage },
});

/** State of one run of either kind: terminal events on `complete`, all others on `status`. */
export const jobChannels = (runId: string): Record<'status' | 'complete', Channel<JobStatusEvent>> => ({
  status: { name: `job:${runId}:status`, schema: jobStatusMessage },
  complete: { name: `job:${runId}:complete`, schema: jobStatusMessage },
});

/** Append-only log of one run. */
export const runEventsChannel = (runId: string): Channel<RunEvent> => ({
  name: `run:${runId}:events`,
  schema: runEvent,
});

/** States of the cases of one run, as they change. */
export const runCasesChannel = (runId: string): Channel<CaseChanges> => ({
  name: `run:${runId}:cases`,
  schema: caseChanges,
});

/** Summaries of a project's runs as they change. */
export const activityChannel = (projectId: string): Channel<RunSummary> => ({
  name: `activity:${projectId}`,
  schema: runSummary,
});

export const queueStatsChannel: Channel<QueueStats> = { name: 'queue:stats', schema: queueStats };

/** The workers and their runs, at every change. */
export const workersChannel: Channel<WorkerPresence> = { name: 'workers', schema: workerPresence };

/** Asks the worker that executes this run to stop it. The content of the message is ignored. */
export const runCancelChannel = (runId: string) => `run:${runId}:cancel`;
