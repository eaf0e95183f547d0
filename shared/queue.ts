import { z } from 'zod';
import type { RunSummary } from './events.ts';

const isoTime = z.string();
const count = z.int().nonnegative();

/** `queue:stats`. */
export const queueStats = z.object({
  running: count,
  runningCapacity: count,
  queued: count,
  queuedCapacity: count,
  oldestQueuedAt: isoTime.nullable(),
});
export type QueueStats = z.infer<typeof queueStats>;

/** Running runs, the longest first, and queued runs in queue order. `position` starts at 1. */
export interface QueueList {
  running: RunSummary[];
  queued: (RunSummary & { position: number })[];
}

/** `workers`: the processes that execute runs, in the order in which they were started. */
export const workerPresence = z.object({
  /** Rises with every change. */
  seq: count,
  items: z.array(
    z.object({
      id: z.string(),
      host: z.string(),
      pid: count,
      /** Version of Runlight. */
      version: z.string(),
      /** Runs at once. */
      concurrency: count,
      /** Runs in progress. Clients see only the runs of their project. */
      runs: z.array(z.object({ runId: z.string(), name: z.string(), projectId: z.string() })),
      startedAt: isoTime,
      /** Last heartbeat. */
      beatAt: isoTime,
    }),
  ),
});
export type WorkerPresence = z.infer<typeof workerPresence>;
