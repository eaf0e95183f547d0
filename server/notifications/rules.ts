import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import { maxRules, type notificationInputs, type RuleScope, type RuleTarget } from '#shared/notifications.ts';
import { changesOf } from '#server/audit/changes-of.ts';
import { recordAudit } from '#server/audit/record-audit.ts';
import type { Database, Trx } from '#server/db/database.ts';
import type { Actor } from '#server/identity/actor.ts';
import { AppError } from '#server/lib/errors.ts';
import type { SecretBox } from '#server/variables/secret-box.ts';
import type { Notifier } from './outbox/note-event.ts';
import { retiringSecret, sealSecret, secretFor } from './rule-secret.ts';
import type { NotificationSettings } from '#server/config/notification-settings.ts';

export interface RuleServices {
  db: Database;
  secretBox: SecretBox;
  notifier: Notifier;
  notifications: NotificationSettings;
}

type Input = typeof notificationInputs;

const columns = [
  'id',
  'name',
  'events',
  'scope',
  'target',
  'secret',
  retiringSecret,
  'retiresAt',
  'enabled',
  'failures',
  'lastError',
  'pausedAt',
  'createdAt',
] as const;

/** Throws NOT_FOUND for a rule of another project. */
export async function getRule(db: Database, projectId: string, ruleId: string) {
  const rule = await db
    .selectFrom('notificationRules')
    .select(columns)
    .where('projectId', '=', projectId)
    .where('id', '=', ruleId)
    .executeTakeFirst();
  return rule ?? ruleNotFound(ruleId);
}

function ruleNotFound(ruleId: string): never {
  throw new AppError('NOT_FOUND', `There is no notification rule ${ruleId}.`);
}

/**
 * Adds a rule. Resolves to its id, and to the key that signs if it is a webhook's, which is shown only here. Throws CONFLICT
 * for a rule too many, and for e-mail without a mail server.
 */
export async function createRule(
  services: RuleServices,
  actor: Actor,
  { secret: given, ...rule }: z.output<Input['create']>,
): Promise<{ id: string; secret: string | null }> {
  const { db } = services;
  const id = uuidv7();
  const secret = secretFor(services, rule.target, given);
  return db.transaction().execute(async (trx) => {
    await checkScope(trx, actor.projectId, rule.scope);
    await trx
      .insertInto('notificationRules')
      .values({
        ...toRow(rule),
        id,
        projectId: actor.projectId,
        name: rule.name,
        secret: sealSecret(services, id, secret),
      })
      .execute();
    const { count } = await trx
      .selectFrom('notificationRules')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('projectId', '=', actor.projectId)
      .executeTakeFirstOrThrow();
    if (count > maxRules)
      throw new AppError('CONFLICT', `A project has at most ${maxRules} notification rules. Remove one.`);
    await recordAudit(trx, actor, { action: 'notification.created', target: targetOf(id, rule.name) });
    return { id, secret: rule.target.kind === 'webhook' ? secret : null };
  });
}

/** Changes a rule. Resolves as `createRule`: the key of a webhook is made anew when another kind of target becomes one. */
export async function updateRule(
  services: RuleServices,
  actor: Actor,
  { ruleId, secret: given, ...change }: z.output<Input['update']>,
): Promise<{ id: string; secret: string | null }> {
  const { db } = services;
  return db.transaction().execute(async (trx) => {
    await trx.selectFrom('notificationRules').select('id').where('id', '=', ruleId).forUpdate().execute();
    const before = await getRule(trx, actor.projectId, ruleId);
    if (change.scope) await checkScope(trx, actor.projectId, change.scope);
    const target = change.target ?? before.target;
    const needsSecret = given !== undefined || target.kind !== before.target.kind;
    const secret = needsSecret ? secretFor(services, target, given) : null;
    await trx
      .updateTable('notificationRules')
      .set({
        ...toRow(change),
        ...(change.name !== undefined && { name: change.name }),
        ...(needsSecret && {
          secret: sealSecret(services, ruleId, secret),
          retiringSecret: null,
          retiresAt: null,
        }),
        ...(change.enabled !== undefined && { enabled: change.enabled }),
        ...(change.enabled === true && !before.enabled && { failures: 0, lastError: null, pausedAt: null }),
        updatedAt: sql<string>`now()`,
      })
      .where('id', '=', ruleId)
      .execute();
    if (change.enabled === false) await cancelWaiting(trx, ruleId);
    const after = {
      name: change.name ?? before.name,
      enabled: change.enabled ?? before.enabled,
      events: change.events ?? before.events,
      scope: change.scope ?? before.scope,
      target,
    };
    const [was, is] = [texts(before), texts(after)];
    const changes = changesOf({ ...was, secret: '' }, { ...is, secret: needsSecret ? 'another' : '' }, [
      'secret',
      'target',
    ]);
    if (changes)
      await recordAudit(trx, actor, {
        action: 'notification.updated',
        target: targetOf(ruleId, after.name),
        details: { changes },
      });
    return { id: ruleId, secret: needsSecret && target.kind === 'webhook' ? secret : null };
  });
}

/** Removes a rule and its deliveries. Throws NOT_FOUND. */
export async function removeRule(db: Database, actor: Actor, ruleId: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const removed = await trx
      .deleteFrom('notificationRules')
      .where('projectId', '=', actor.projectId)
      .where('id', '=', ruleId)
      .returning('name')
      .executeTakeFirst();
    if (!removed) ruleNotFound(ruleId);
    await recordAudit(trx, actor, { action: 'notification.removed', target: targetOf(ruleId, removed.name) });
  });
}

/** Lets a rule go on that is paused, from the delivery that failed last. Throws NOT_FOUND. */
export async function resumeRule({ db, notifier }: RuleServices, actor: Actor, ruleId: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { name } = await getRule(trx, actor.projectId, ruleId);
    const resumed = await trx
      .updateTable('notificationRules')
      .set({ failures: 0, lastError: null, pausedAt: null })
      .where('id', '=', ruleId)
      .where('pausedAt', 'is not', null)
      .returning('id')
      .executeTakeFirst();
    if (!resumed) return;
    await trx
      .updateTable('notificationDeliveries')
      .set({ nextAttemptAt: sql<string>`now()` })
      .where('ruleId', '=', ruleId)
      .where('state', '=', 'waiting')
      .execute();
    await recordAudit(trx, actor, { action: 'notification.resumed', target: targetOf(ruleId, name) });
  });
  notifier.wake();
}

export function targetOf(id: string, name: string) {
  return { kind: 'notification' as const, id, name };
}

async function cancelWaiting(trx: Trx, ruleId: string): Promise<void> {
  await trx
    .updateTable('notificationDeliveries')
    .set({ state: 'cancelled', endedAt: sql<string>`now()`, error: 'The rule was disabled.' })
    .where('ruleId', '=', ruleId)
    .where('state', '=', 'waiting')
    .execute();
}

/** Throws NOT_FOUND if the scope names something that the project does not have. */
async function checkScope(trx: Trx, projectId: string, scope: RuleScope): Promise<void> {
  const named =
    scope.kind === 'test'
      ? (['tests', scope.testId] as const)
      : scope.kind === 'job'
        ? (['jobs', scope.jobId] as const)
        : scope.kind === 'suite'
          ? (['suites', scope.suiteId] as const)
          : undefined;
  if (!named) return;
  const [table, id] = named;
  const found = await trx
    .selectFrom(table)
    .select('id')
    .where('projectId', '=', projectId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!found) throw new AppError('NOT_FOUND', `must name a ${scope.kind} of this project`, { field: 'scope' });
}

interface Content {
  events: readonly string[];
  scope: RuleScope;
  target: RuleTarget;
}
type SomeContent = { [Key in keyof Content]?: Content[Key] | undefined };

function toRow(content: Content): { events: string; scope: string; target: string };
function toRow(content: SomeContent): { events?: string; scope?: string; target?: string };
function toRow({ events, scope, target }: SomeContent) {
  return {
    ...(events && { events: JSON.stringify(events) }),
    ...(scope && { scope: JSON.stringify(scope) }),
    ...(target && { target: JSON.stringify(target) }),
  };
}

/** The fields of a rule as the audit log shows them. */
function texts(rule: Content & { name: string; enabled: boolean }) {
  const plain = (it: object) => Object.values(it).flat().map(String).join(' ');
  const { name, enabled, events, scope, target } = rule;
  return { name, enabled, events: events.join(', '), scope: plain(scope), target: plain(target) };
}
