import { v7 as uuidv7 } from 'uuid';
import type { TargetAnswer } from '#shared/notifications.ts';
import { recordAudit } from '#server/audit/record-audit.ts';
import type { Actor } from '#server/identity/actor.ts';
import { openSecrets } from './rule-secret.ts';
import { toMessage } from './rule-message.ts';
import { getRule, type RuleServices, targetOf } from './rules.ts';
import { createSender } from './send-message.ts';
import { toPayload } from './to-payload.ts';

/** Sends a test message, once, and resolves to the answer. Of GitHub it only asks whether the token opens the repository. */
export async function testRule(
  services: RuleServices,
  actor: Actor,
  ruleId: string,
  signal: AbortSignal,
): Promise<TargetAnswer> {
  const { name, target, ...sealed } = await getRule(services.db, actor.projectId, ruleId);
  const project = await services.db.transaction().execute(async (trx) => {
    await recordAudit(trx, actor, { action: 'notification.tested', target: targetOf(ruleId, name) });
    return trx
      .selectFrom('projects')
      .select(['id', 'name'])
      .where('id', '=', actor.projectId)
      .executeTakeFirstOrThrow();
  });
  const id = uuidv7();
  const envelope = { id, sequence: 0, events: ['test'] as const, project, rule: { id: ruleId, name } };
  const message = toMessage(target, toPayload(envelope, new Date().toISOString(), {}));
  try {
    const opened = openSecrets(services, ruleId, sealed);
    const send = createSender(services.notifications);
    const { ok, status, body, error } = await send({ id, target, ...opened, body: message?.body ?? 'null' }, signal);
    return { ok, status, body, error };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, status: null, body: null, error: (error as Error).message };
  }
}
