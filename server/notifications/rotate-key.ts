import { sql } from 'kysely';
import { recordAudit } from '#server/audit/record-audit.ts';
import type { Actor } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';
import { sealSecret } from './rule-secret.ts';
import { getRule, type RuleServices, targetOf } from './rules.ts';
import { createSigningSecret } from './sign-webhook.ts';

/** How long the old key signs beside the new one. */
const overlapHours = 24;

/**
 * Gives a webhook a new key, which is shown only here. The one that it had signs beside it for 24 h. Throws NOT_FOUND,
 * BAD_REQUEST for a target without a key, and CONFLICT while an older key still signs.
 */
export async function rotateKey(
  services: RuleServices,
  actor: Actor,
  ruleId: string,
): Promise<{ id: string; secret: string; retiresAt: string }> {
  return services.db.transaction().execute(async (trx) => {
    await trx.selectFrom('notificationRules').select('id').where('id', '=', ruleId).forUpdate().execute();
    const rule = await getRule(trx, actor.projectId, ruleId);
    if (rule.target.kind !== 'webhook')
      throw new AppError('BAD_REQUEST', 'Only the messages of a webhook are signed: this rule has no key.');
    if (rule.retiringSecret !== null)
      throw new AppError(
        'CONFLICT',
        `The key was rotated already, and the one before it signs until ${rule.retiresAt}. To end both at once, set a key of your own (notifications.update with secret).`,
      );
    const secret = createSigningSecret();
    const { retiresAt } = await trx
      .updateTable('notificationRules')
      .set((eb) => ({
        retiringSecret: eb.ref('secret'),
        retiresAt: sql<string>`now() + ${overlapHours} * interval '1 hour'`,
        secret: sealSecret(services, ruleId, secret),
        updatedAt: sql<string>`now()`,
      }))
      .where('id', '=', ruleId)
      .returning('retiresAt')
      .executeTakeFirstOrThrow();
    await recordAudit(trx, actor, {
      action: 'notification.key_rotated',
      target: targetOf(ruleId, rule.name),
      details: { expiresAt: retiresAt },
    });
    return { id: ruleId, secret, retiresAt: retiresAt! };
  });
}
