import { sql } from 'kysely';
import type { Database } from '#server/db/database.ts';
import type { NotificationEvent, RuleScope, RuleTarget } from '#shared/notifications.ts';
import { openSecrets } from './rule-secret.ts';
import type { RuleServices } from './rules.ts';

interface RuleRow {
  id: string;
  name: string;
  events: NotificationEvent[];
  scope: RuleScope;
  /** Of the test, job or suite of the scope. */
  scopeName: string | null;
  target: RuleTarget;
  secret: string | null;
  enabled: boolean;
  /** Attempts in a row that failed. */
  failures: number;
  lastError: string | null;
  pausedAt: string | null;
  /** Until then, the key of the webhook before this one signs, too. */
  retiresAt: string | null;
  /** Deliveries that are still to be sent. */
  waiting: number;
  lastDeliveredAt: string | null;
}

/** In the order in which they were made. Secrets are left out; of an address that is one, the host is shown. */
export async function listRules(services: RuleServices, projectId: string) {
  const { rows } = await sql<RuleRow>`
    select rule.id, rule.name, events, scope, coalesce(tests.name, jobs.name, suites.name) as scope_name, target, secret,
      rule.enabled, failures, last_error, paused_at,
      case when retires_at > now() then retires_at end as retires_at,
      (select count(*) from notification_deliveries where rule_id = rule.id and state = 'waiting') as waiting,
      (select ended_at from notification_deliveries where rule_id = rule.id and state = 'delivered'
        order by id desc limit 1) as last_delivered_at
    from notification_rules as rule
    left join tests on tests.id = (scope ->> 'testId')::uuid
    left join jobs on jobs.id = (scope ->> 'jobId')::uuid
    left join suites on suites.id = (scope ->> 'suiteId')::uuid
    where rule.project_id = ${projectId} order by rule.id`.execute(services.db);
  return {
    items: rows.map(({ secret, ...rule }) => ({ ...rule, host: hostOf(services, { ...rule, secret }) })),
    /** Whether rules may send e-mail. */
    hasEmail: services.notifications.smtp !== undefined,
  };
}

/** Where messages go, as far as others may know. Null: it cannot be read. */
function hostOf(
  services: RuleServices,
  { id, target, secret }: Pick<RuleRow, 'id' | 'target' | 'secret'>,
): string | null {
  switch (target.kind) {
    case 'webhook':
      return new URL(target.url).host;
    case 'email':
      return target.to.join(', ');
    case 'github':
      return target.repository;
    case 'slack':
    case 'teams':
      try {
        return new URL(openSecrets(services, id, { secret, retiringSecret: null }).secret!).host;
      } catch {
        return null;
      }
  }
}

export async function countPausedRules(db: Database, projectId: string): Promise<number> {
  const { count } = await db
    .selectFrom('notificationRules')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('projectId', '=', projectId)
    .where('pausedAt', 'is not', null)
    .executeTakeFirstOrThrow();
  return count;
}
