import { v7 as uuidv7 } from 'uuid';
import type { Database } from '#server/db/database.ts';
import type { Logger } from '#server/lib/logger.ts';
import { toEmail } from './render-email.ts';
import { sendEmail } from './send-email.ts';
import type { NotificationSettings } from '#server/config/notification-settings.ts';

/** Tells the owners of the project by e-mail that a rule is paused, if there is a mail server. Failures are logged: pages say it, too. */
export async function tellOwners(
  { db, settings, logger }: { db: Database; settings: NotificationSettings; logger: Logger },
  ruleId: string,
): Promise<void> {
  const { smtp, timeoutMs, address } = settings;
  if (!smtp) return;
  const rule = await db
    .selectFrom('notificationRules as rule')
    .innerJoin('projects', 'projects.id', 'rule.projectId')
    .select(['rule.name', 'lastError', 'projects.name as project', 'projectId'])
    .where('rule.id', '=', ruleId)
    .executeTakeFirst();
  if (!rule) return;
  const owners = await db
    .selectFrom('projectRoles')
    .innerJoin('users', 'users.id', 'projectRoles.userId')
    .select('email')
    .where('projectId', '=', rule.projectId)
    .where('role', '=', 'owner')
    .execute();
  const email = toEmail(
    {
      tone: 'bad',
      title: `The notification rule “${rule.name}” is paused`,
      summary: `Too many attempts in a row failed. ${rule.lastError ?? ''} What waits is sent once an owner resumes the rule.`,
      failures: [],
      more: 0,
      facts: [{ name: 'Project', value: rule.project }],
      url: `${address}/settings/notifications`,
    },
    rule.name,
  );
  for (const { email: to } of owners) {
    const { ok, error } = await sendEmail(smtp, { to: [to], id: uuidv7(), email }, timeoutMs);
    if (!ok) logger.warn({ ruleId, reason: error }, 'could not tell an owner that a notification rule is paused');
  }
}
