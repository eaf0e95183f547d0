import { sql } from 'kysely';
import { recordAudit } from '#server/audit/record-audit.ts';
import type { Database } from '#server/db/database.ts';
import { systemActor } from '#server/identity/actor.ts';
import type { Outcome } from './outcome.ts';
import { targetOf } from './rules.ts';

/** Attempts in a row that fail before a rule is paused. */
export const failuresUntilPause = 10;

/** Longest wait between two attempts, in ms. */
const mostBackoffMs = 3_600_000;

interface Attempted {
  id: string;
  ruleId: string;
  projectId: string;
  /** Of the rule. */
  name: string;
  /** Before this one. */
  attempts: number;
}

/**
 * Writes what became of an attempt. Resolves to when the delivery is to be tried again, in ms; and to whether the rule is
 * paused from now on.
 */
export async function recordOutcome(
  db: Database,
  { id, ruleId, projectId, name, attempts }: Attempted,
  outcome: Outcome,
  backoffMs: number,
): Promise<{ retryInMs?: number; hasPaused: boolean }> {
  const { ok, status, body, error, isFinal } = outcome;
  return db.transaction().execute(async (trx) => {
    const rule = await trx
      .updateTable('notificationRules')
      .set((eb) =>
        ok
          ? { failures: 0, lastError: null }
          : {
              failures: eb('failures', '+', 1),
              lastError: error,
              pausedAt: sql<
                string | null
              >`case when failures + 1 >= ${failuresUntilPause} then coalesce(paused_at, now()) end`,
            },
      )
      .where('id', '=', ruleId)
      .returning('failures')
      .executeTakeFirst();
    const retryInMs = ok || isFinal || !rule ? undefined : retryDelay(outcome, rule.failures, backoffMs);
    await trx
      .updateTable('notificationDeliveries')
      .set({
        attempts: attempts + 1,
        answerStatus: status,
        answerBody: body,
        error,
        ...(retryInMs === undefined
          ? { state: ok ? 'delivered' : 'failed', endedAt: sql<string>`now()` }
          : { nextAttemptAt: sql<string>`now() + ${retryInMs} * interval '1 millisecond'` }),
      })
      .where('id', '=', id)
      .execute();
    const hasPaused = rule?.failures === failuresUntilPause;
    if (hasPaused)
      await recordAudit(trx, systemActor(projectId), {
        action: 'notification.paused',
        target: targetOf(ruleId, name),
        details: { reason: error ?? '' },
      });
    return { hasPaused, ...(retryInMs !== undefined && { retryInMs }) };
  });
}

/** Doubles with each failure in a row, and differs by up to a quarter, so that rules of one target do not come back at once. */
function retryDelay({ retryAfterMs = 0 }: Outcome, failures: number, backoffMs: number): number {
  const delay = backoffMs * 2 ** Math.min(failures - 1, 30) * (0.75 + Math.random() / 2);
  return Math.round(Math.min(mostBackoffMs, Math.max(delay, retryAfterMs)));
}
