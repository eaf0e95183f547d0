import { createActivityReads } from '#server/activity/reads.ts';
import type { Database } from '#server/db/database.ts';
import { batchReads } from '#server/live/batch-reads.ts';
import { type Capacities, readQueueStats } from '#server/queue/stats.ts';
import { createRunReads } from '#server/runs/reads.ts';
import { createTestReads } from '#server/tests/reads.ts';
import { readPresence } from '#server/workers/queries.ts';

export type Reads = ReturnType<typeof createReads>;

/** Everything that streams read, shared by all of a process's watchers. */
export function createReads(db: Database, capacities: Capacities) {
  const queueStats = batchReads(async () => new Map([['all', await readQueueStats(db, capacities)]]));
  const workers = batchReads(async () => new Map([['all', await readPresence(db)]]));
  return {
    activity: createActivityReads(db),
    runs: createRunReads(db),
    tests: createTestReads(db),
    queueStats: async () => (await queueStats('all'))!,
    workers: async () => (await workers('all'))!,
  };
}
