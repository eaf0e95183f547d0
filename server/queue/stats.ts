import { sql } from 'kysely';
import { queueStatsChannel } from '#shared/channels.ts';
import type { QueueStats } from '#shared/queue.ts';
import { liveStatuses } from '#shared/run-status.ts';
import type { Database } from '#server/db/database.ts';
import { busMessage, type Publisher } from '#server/live/publisher.ts';
import type { Logger } from '#server/lib/logger.ts';

/** Changes within this time are published together. */
const coalesceMs = 200;

export interface Capacities {
  runningCapacity: number;
  queuedCapacity: number;
}

/** Counts the parts of live runs, for which there is a partial index; only runs of suites have more than one. */
export async function readQueueStats(
  db: Database,
  { runningCapacity, queuedCapacity }: Capacities,
): Promise<QueueStats> {
  const { running, queued, oldestQueuedAt } = await db
    .selectFrom('runs')
    .innerJoin('runParts as part', 'part.runId', 'runs.id')
    .select([
      sql<number>`count(*) filter (where part.status = 'running')`.as('running'),
      sql<number>`count(*) filter (where part.status = 'queued')`.as('queued'),
      sql<string | null>`min(queued_at) filter (where part.status = 'queued')`.as('oldestQueuedAt'),
    ])
    .where('runs.status', 'in', liveStatuses)
    .where('origin', '=', 'worker')
    .executeTakeFirstOrThrow();
  return { running, runningCapacity, queued, queuedCapacity, oldestQueuedAt };
}

export interface QueueStatsPublisher extends Disposable {
  /** Publishes the statistics soon. */
  changed(): void;
}

/** Publishes the statistics after changes, at most every 200 ms. Failures are logged; streams also read by themselves. */
export function createQueueStatsPublisher(options: {
  db: Database;
  publisher: Publisher;
  capacities: Capacities;
  logger: Logger;
}): QueueStatsPublisher {
  let timer: NodeJS.Timeout | undefined;
  async function publish() {
    timer = undefined;
    try {
      options.publisher.publish([busMessage(queueStatsChannel, await readQueueStats(options.db, options.capacities))]);
    } catch (error) {
      options.logger.warn({ err: error }, 'could not read the queue statistics');
    }
  }
  return {
    changed() {
      timer ??= setTimeout(publish, coalesceMs).unref();
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
