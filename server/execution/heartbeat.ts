import { sql } from 'kysely';
import type { Database } from '#server/db/database.ts';
import { heartbeatIntervalMs } from '#server/workers/queries.ts';
import type { Presence } from './presence.ts';
import type { Logger } from '#server/lib/logger.ts';

interface Listeners {
  /** Cancellation of the run was requested; by whom, as people see it. */
  onCancelled(by: string | null): void;
  /** The run has ended, or belongs to another worker. */
  onLost(): void;
}

export interface Heartbeat extends Disposable {
  /** Keeps a run alive until the returned function is called. */
  keepAlive(runId: string, listeners: Listeners): () => void;
  /** As `keepAlive`, for a part of a suite's run that this worker has claimed. `check` tells its listeners what has become of it. */
  keepPartAlive(part: { runId: string; session: string }, listeners: Listeners): Disposable & { check(): void };
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
        .returning(['id', 'cancelRequestedAt', 'cancelRequestedBy'])
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
        returning part.session as id, runs.cancel_requested_at, runs.cancel_requested_by`.execute(db);
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
      const check = () => void beatParts([session]);
      check();
      presence.changed();
      return {
        check,
        [Symbol.dispose]() {
          parts.delete(session);
          presence.changed();
        },
      };
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

interface Alive {
  id: string;
  cancelRequestedAt: string | null;
  cancelRequestedBy: string | null;
}

function tell(listeners: ReadonlyMap<string, Listeners>, ids: readonly string[], alive: readonly Alive[]): void {
  const found = new Map(alive.map((one) => [one.id, one]));
  for (const id of ids) {
    const one = found.get(id);
    if (!one) listeners.get(id)?.onLost();
    else if (one.cancelRequestedAt !== null) listeners.get(id)?.onCancelled(one.cancelRequestedBy);
  }
}
