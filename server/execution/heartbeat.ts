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
  /** As `keepAlive`, for a part of a suite's run that this worker has claimed. */
  keepPartAlive(part: { runId: string; session: string }, listeners: Listeners): () => void;
}

/**
 * Writes a heartbeat for a worker, and one statement each for all its runs and parts, every 5 s; for a new one at once. Failures are logged.
 */
export function createHeartbeat(options: {
  db: Database;
  workerId: string;
  presence: Presence;
  logger: Logger;
}): Heartbeat {
  const { db, workerId, presence, logger } = options;
  const runs = new Map<string, Listeners>();
  /** By their sessions. */
  const parts = new Map<string, Listeners & { runId: string }>();

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
      tell(runs, runIds, alive);
    } catch (error) {
      logger.warn({ err: error }, 'a heartbeat failed');
    }
  }

  async function beatParts(sessions: string[]) {
    if (sessions.length === 0) return;
    const runIds = sessions.flatMap((session) => parts.get(session)?.runId ?? []);
    try {
      const { rows: alive } = await sql<Alive>`
        update run_parts as part set heartbeat_at = now() from runs
        where runs.id = part.run_id and part.run_id = any(${runIds}::uuid[]) and part.session = any(${sessions}::text[])
          and part.completed_at is null
        returning part.session as id, runs.cancel_requested_at`.execute(db);
      tell(parts, sessions, alive);
    } catch (error) {
      logger.warn({ err: error }, 'a heartbeat of parts failed');
    }
  }

  const timer = setInterval(() => {
    presence.beat();
    void beat([...runs.keys()]);
    void beatParts([...parts.keys()]);
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
    keepPartAlive({ runId, session }, listeners) {
      parts.set(session, { ...listeners, runId });
      void beatParts([session]);
      presence.changed();
      return () => {
        parts.delete(session);
        presence.changed();
      };
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

interface Alive {
  id: string;
  cancelRequestedAt: string | null;
}

function tell(listeners: ReadonlyMap<string, Listeners>, ids: readonly string[], alive: readonly Alive[]): void {
  const cancelRequests = new Map(alive.map(({ id, cancelRequestedAt }) => [id, cancelRequestedAt !== null]));
  for (const id of ids) {
    const cancelRequested = cancelRequests.get(id);
    if (cancelRequested === undefined) listeners.get(id)?.onLost();
    else if (cancelRequested) listeners.get(id)?.onCancelled();
  }
}
