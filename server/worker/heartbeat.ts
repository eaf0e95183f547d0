import { sql } from 'kysely';
import type { Database } from '#server/db/database.ts';

/** How often a worker says that it is alive, in ms. */
export const heartbeatIntervalMs = 5_000;

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

/** Beats for all runs of a worker with one statement, at once for a new one and every 5 s. Failures are logged. */
export function createHeartbeat(options: {
  db: Database;
  workerId: string;
  logger: { warn(fields: object, message: string): void };
}): Heartbeat {
  const { db, workerId, logger } = options;
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

  const timer = setInterval(() => void beat([...runs.keys()]), heartbeatIntervalMs);
  return {
    beatFor(runId, listeners) {
      runs.set(runId, listeners);
      // A request to cancel may have come before anyone listened.
      void beat([runId]);
      return () => runs.delete(runId);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
