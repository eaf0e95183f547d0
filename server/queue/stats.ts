import { sql } from 'kysely';
import { queueStatsChannel } from '#shared/channels.ts';
import type { QueueStats } from '#shared/events.ts';
import type { Database } from '#server/db/database.ts';
import { busMessage, type Publisher } from '#server/live/publisher.ts';
import type { Logger } from '#server/lib/logger.ts';

/** Changes within this time are told as one, in ms. */
const quietMs = 200;

export interface Capacities {
  runningCapacity: number;
  queuedCapacity: number;
}

/** Counted in the database, whose partial index on live runs makes it cheap. */
export async function readQueueStats(
  db: Database,
  { runningCapacity, queuedCapacity }: Capacities,
): Promise<QueueStats> {
  const { running, queued, oldestQueuedAt } = await db
    .selectFrom('runs')
    .select([
      sql<number>`count(*) filter (where status = 'running')`.as('running'),
      sql<number>`count(*) filter (where status = 'queued')`.as('queued'),
      sql<string | null>`min(queued_at) filter (where status = 'queued')`.as('oldestQueuedAt'),
    ])
    .where('status', 'in', ['queued', 'running'])
    .executeTakeFirstOrThrow();
  return { running, runningCapacity, queued, queuedCapacity, oldestQueuedAt };
}

export interface QueueStatsTeller extends Disposable {
  /** Soon publishes how the queue stands. */
  changed(): void;
}

/** Publishes the statistics after changes, at most every 200 ms. Failures are logged; watchers read anyway. */
export function createQueueStatsTeller(options: {
  db: Database;
  publisher: Publisher;
  capacities: Capacities;
  logger: Logger;
}): QueueStatsTeller {
  let timer: NodeJS.Timeout | undefined;
  async function tell() {
    timer = undefined;
    try {
      options.publisher.publish([busMessage(queueStatsChannel, await readQueueStats(options.db, options.capacities))]);
    } catch (error) {
      options.logger.warn({ err: error }, 'could not read the queue statistics');
    }
  }
  return {
    changed() {
      timer ??= setTimeout(tell, quietMs).unref();
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
