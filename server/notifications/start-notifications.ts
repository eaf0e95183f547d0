import type { Database } from '#server/db/database.ts';
import type { CloseStack } from '#server/lib/close-stack.ts';
import type { Logger } from '#server/lib/logger.ts';
import type { QueueBackend } from '#server/queue/backend.ts';
import type { SecretBox } from '#server/variables/secret-box.ts';
import { type Deliverer, deliverRule, findDueRules } from './deliver-rule.ts';
import { makeDeliveries } from './make-deliveries.ts';
import { createNotificationConsumer, type NotificationQueue } from './notification-queue.ts';
import { createSender } from './send-message.ts';
import type { NotificationSettings } from '#server/config/notification-settings.ts';
import { tellOwners } from './tell-owners.ts';

/** An attempt takes no longer than so many timeouts: that of GitHub has several requests, and a mail server several waits. */
const attemptsOfTimeout = 4;

export interface NotificationParts {
  services: { db: Database; secretBox: SecretBox; notifier: NotificationQueue; logger: Logger };
  backend: QueueBackend;
  settings: NotificationSettings;
}

/**
 * Makes deliveries of what is noted and sends them, until `stack` closes. `sweep` finds what the queue has lost, or another
 * process has left behind.
 */
export async function startNotifications(
  { services, backend, settings }: NotificationParts,
  stack: CloseStack,
): Promise<{ sweep(): Promise<void> }> {
  const { db, secretBox, notifier, logger } = services;
  const stop = new AbortController();
  const deliverer: Deliverer = {
    db,
    secretBox,
    send: createSender(settings),
    backoffMs: settings.backoffMs,
    leaseMs: attemptsOfTimeout * settings.timeoutMs + 1_000,
    retry: (ruleId, key, delayMs) => notifier.add(ruleId, key, delayMs),
    onPaused: (ruleId) => tellOwners({ db, settings, logger }, ruleId),
    signal: stop.signal,
  };

  async function makeAndQueue() {
    await makeDeliveries({ db, address: settings.address, logger });
    for (const { ruleId, key } of await findDueRules(db)) await notifier.add(ruleId, key);
  }
  let making: Promise<void> | undefined;
  let again = false;
  /** One at a time; calls that come meanwhile are one more. */
  function sweep(): Promise<void> {
    again = true;
    making ??= (async () => {
      try {
        while (again && !stop.signal.aborted) {
          again = false;
          await makeAndQueue();
        }
      } finally {
        making = undefined;
      }
    })();
    return making;
  }

  const consumer = await createNotificationConsumer({
    backend,
    logger,
    process: (ruleId) => (ruleId === undefined ? sweep() : deliverRule(deliverer, ruleId)),
  });
  stack.defer(async () => {
    stop.abort();
    await consumer[Symbol.asyncDispose]();
    await making?.catch(() => {});
  });
  return { sweep };
}
