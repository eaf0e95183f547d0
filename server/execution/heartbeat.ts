import { sql } from 'kysely';
import type { Database } from '#server/db/database.ts';
import { heartbeatIntervalMs } from '#server/workers/queries.ts';
import type { Presence } from './presence.ts';
import type { Logger } from '#server/lib/logger.ts';

interface Listeners {
  /** The run shall be cancelled. */
  onCancelled(): void;
  /** The run is over, or another's. */
  onLost(): void;
}

export interface Heartbeat extends Disposable {
  /** Beats for a run until the returned function is called. */
  beatFor(runId: string, listeners: Listeners): () => void;
}

/**
 * Beats for a worker, and for all its runs with one statement, every 5 s; for a new run at once. Failures are logged.
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
    beatFor(runId, listeners) {
      runs.set(runId, listeners);
      // A request to cancel may have come before anyone listened.
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
