import { notificationInputs } from '#shared/notifications.ts';
import { actorOf } from '#server/identity/actor.ts';
import { procedure, router } from '#server/trpc/procedure.ts';
import { listDeliveries, redeliver } from './deliveries.ts';
import { listRules } from './list-rules.ts';
import { rotateKey } from './rotate-key.ts';
import { createRule, removeRule, resumeRule, type RuleServices, updateRule } from './rules.ts';
import { testRule } from './test-rule.ts';

/** For owners alone: addresses and bodies may be confidential. */
export function createNotificationsRouter(services: RuleServices) {
  const { db } = services;
  return router({
    list: procedure.owner.query(({ ctx }) => listRules(services, ctx.projectId)),

    /** `secret`: the key that signs a webhook's messages; it is shown only here. */
    create: procedure.owner
      .input(notificationInputs.create)
      .mutation(({ ctx, input }) => createRule(services, actorOf(ctx), input)),

    /** `secret`: as for `create`, if the webhook has got a new one. */
    update: procedure.owner
      .input(notificationInputs.update)
      .mutation(({ ctx, input }) => updateRule(services, actorOf(ctx), input)),

    /** `secret`: the new key of a webhook; it is shown only here. The old one signs beside it until `retiresAt`. */
    rotateKey: procedure.owner
      .input(notificationInputs.byId)
      .mutation(({ ctx, input }) => rotateKey(services, actorOf(ctx), input.ruleId)),

    remove: procedure.owner.input(notificationInputs.byId).mutation(async ({ ctx, input: { ruleId } }) => {
      await removeRule(db, actorOf(ctx), ruleId);
      return { ruleId };
    }),

    /** Ends the pause that follows ten failures in a row. */
    resume: procedure.owner.input(notificationInputs.byId).mutation(async ({ ctx, input: { ruleId } }) => {
      await resumeRule(services, actorOf(ctx), ruleId);
      return { ruleId };
    }),

    /** Sends a test message and answers what the target answered. */
    test: procedure.owner
      .input(notificationInputs.byId)
      .mutation(({ ctx, input, signal }) =>
        testRule(services, actorOf(ctx), input.ruleId, signal ?? new AbortController().signal),
      ),

    /** The newest first. */
    deliveries: procedure.owner
      .input(notificationInputs.deliveries)
      .query(({ ctx, input }) => listDeliveries(db, ctx.projectId, input)),

    /** CONFLICT for a delivery that waits. */
    redeliver: procedure.owner.input(notificationInputs.redeliver).mutation(async ({ ctx, input: { deliveryId } }) => {
      await redeliver(services, actorOf(ctx), deliveryId);
      return { deliveryId };
    }),
  });
}
