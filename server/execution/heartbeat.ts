import { sql } from 'kysely';
import type { Database } from '#server/db/database.ts';
import { heartbeatIntervalMs } from '#server/workers/queries.ts';
import type { Presence } from './presence.ts';
import type { Logger } from '#server/lib/logger.ts';

interface Listeners {
  /** Cancellation of the run was requested. */
  onCancelled(): void;
  /** The run has ended, or belongs to another worker. */
  onLost(): void;
}

export interface Heartbeat extends Disposable {
  /** Keeps a run alive until the returned function is called. */
  keepAlive(runId: string, listeners: Listeners): () => void;
}

/**
 * Writes a heartbeat for a worker, and one statement for all its runs, every 5 s; for a new run at once. Failures are logged.
 */
export function createHeartbeat(options: {
  db: Database;
  workerId: string;
  presence: Presence;
  logger: Logger;
}): Heartbeat {
  const { db, workerId, presence, logger } = options;
  const runs = new Map<string, Listeners>();

  async function beat(runIds: string[]) {
    if (runIds.length === 0) return;
    try {
      const alive = await db
        .updateTable('runs')
        .set({ heartbeatAt: sql<string>`now()` })
        .where('id', 'in', runIds)
        .where('workerId', '=', workerId)
        .where('status', '=', 'running')
        .returning(['id', 'cancelRequestedAt'])
        .execute();
      const cancelRequests = new Map(alive.map((run) => [run.id, run.cancelRequestedAt !== null]));
      for (const runId of runIds) {
        const cancelRequested = cancelRequests.get(runId);
        if (cancelRequested === undefined) runs.get(runId)?.onLost();
        else if (cancelRequested) runs.get(runId)?.onCancelled();
      }
    } catch (error) {
      logger.warn({ err: error }, 'a heartbeat failed');
    }
  }

  const timer = setInterval(() => {
    presence.beat();
    void beat([...runs.keys()]);
  }, heartbeatIntervalMs);
  return {
    keepAlive(runId, listeners) {
      runs.set(runId, listeners);
      // Cancellation may have been requested before this worker took the run.
      void beat([runId]);
      presence.changed();
      return () => {
        runs.delete(runId);
        presence.changed();
      };
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
