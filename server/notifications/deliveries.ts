import { sql } from 'kysely';
import { recordAudit } from '#server/audit/record-audit.ts';
import { ago } from '#server/db/ago.ts';
import { nextCursor, parseCursor } from '#server/db/cursor.ts';
import type { Database } from '#server/db/database.ts';
import type { Actor } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';
import { getRule, type RuleServices, targetOf } from './rules.ts';

interface DeliveryFilter {
  ruleId?: string | undefined;
  cursor?: string | null | undefined;
  limit: number;
}

/** Deliveries of one rule or of all, the newest first, with what was sent and answered. Throws NOT_FOUND. */
export async function listDeliveries(db: Database, projectId: string, { ruleId, cursor, limit }: DeliveryFilter) {
  if (ruleId !== undefined) await getRule(db, projectId, ruleId);
  const before = parseCursor(cursor);
  const rows = await db
    .selectFrom('notificationDeliveries as delivery')
    .innerJoin('notificationRules as rule', 'rule.id', 'delivery.ruleId')
    .select([
      'delivery.id',
      'delivery.ruleId',
      'rule.name as ruleName',
      'delivery.sequence',
      'delivery.event',
      'delivery.summary',
      'delivery.runId',
      'delivery.body',
      'delivery.state',
      'delivery.attempts',
      'delivery.nextAttemptAt',
      'delivery.answerStatus',
      'delivery.answerBody',
      'delivery.error',
      'delivery.createdAt',
      'delivery.endedAt',
    ])
    .where('delivery.projectId', '=', projectId)
    .$if(ruleId !== undefined, (query) => query.where('delivery.ruleId', '=', ruleId!))
    .$if(before !== undefined, (query) => query.where('delivery.id', '<', before!))
    .orderBy('delivery.id', 'desc')
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit);
  return { items, nextCursor: nextCursor(items, rows.length > limit) };
}

/**
 * Sends a delivery once more, with the same id and body. Throws NOT_FOUND, and CONFLICT while it waits or its rule is disabled
 * or paused.
 */
export async function redeliver({ db, notifier }: RuleServices, actor: Actor, deliveryId: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const delivery = await trx
      .selectFrom('notificationDeliveries as delivery')
      .innerJoin('notificationRules as rule', 'rule.id', 'delivery.ruleId')
      .select(['ruleId', 'name', 'state', 'enabled', 'pausedAt'])
      .where('delivery.projectId', '=', actor.projectId)
      .where('delivery.id', '=', deliveryId)
      .forUpdate()
      .executeTakeFirst();
    if (!delivery) throw new AppError('NOT_FOUND', `There is no delivery ${deliveryId}.`);
    if (delivery.state === 'waiting') throw new AppError('CONFLICT', 'The delivery waits to be sent already.');
    if (!delivery.enabled) throw new AppError('CONFLICT', 'The rule is disabled: enable it first.');
    if (delivery.pausedAt) throw new AppError('CONFLICT', 'The rule is paused: resume it first.');
    await trx
      .updateTable('notificationDeliveries')
      .set({ state: 'waiting', nextAttemptAt: sql<string>`now()`, endedAt: null, error: null })
      .where('id', '=', deliveryId)
      .execute();
    const target = targetOf(delivery.ruleId, delivery.name);
    await recordAudit(trx, actor, { action: 'notification.redelivered', target });
  });
  notifier.wake();
}

/** Removes deliveries that are older than `days`; 0: none. */
export async function removeOldDeliveries(db: Database, days: number): Promise<void> {
  if (days === 0) return;
  await db
    .deleteFrom('notificationDeliveries')
    .where('createdAt', '<', ago(days * 24 * 3_600_000))
    .execute();
}
