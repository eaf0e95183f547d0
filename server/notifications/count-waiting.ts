import { sql } from 'kysely';
import type { Database } from '#server/db/database.ts';

/** The deliveries of all projects that wait to be sent, without those of rules that are off or paused. */
export async function countWaiting(db: Database): Promise<{ count: number; oldestSeconds: number }> {
  return db
    .selectFrom('notificationDeliveries as delivery')
    .innerJoin('notificationRules as rule', 'rule.id', 'ruleId')
    .select((eb) => [
      eb.fn.countAll<number>().as('count'),
      sql<number>`coalesce(extract(epoch from now() - min(delivery.created_at)), 0)::float8`.as('oldestSeconds'),
    ])
    .where('state', '=', 'waiting')
    .where('enabled', '=', true)
    .where('pausedAt', 'is', null)
    .executeTakeFirstOrThrow();
}
