import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '#server/db/database.ts';
import type { SecretBox } from '#server/variables/secret-box.ts';
import { type Outcome, outcomeOfError } from './outcome.ts';
import { recordOutcome } from './record-outcome.ts';
import { openSecrets, retiringSecret } from './rule-secret.ts';
import type { Message, SendMessage } from './send-message.ts';

export interface Deliverer {
  db: Database;
  secretBox: SecretBox;
  send: SendMessage;
  backoffMs: number;
  /** After this, another process goes on with a rule if its process was killed. It is longer than any attempt takes. */
  leaseMs: number;
  /** Queues the rule again, to send its deliveries later. */
  retry(ruleId: string, key: string, delayMs: number): Promise<void>;
  /** Called when the rule has been paused. */
  onPaused(ruleId: string): Promise<void>;
  /** Aborts when the process stops: attempts in progress do not count then. */
  signal: AbortSignal;
}

/**
 * Sends the due deliveries of a rule, one after the other, so that its target gets them in order. Does nothing while another
 * process sends them. A delivery that fails for now holds up the deliveries behind it.
 */
export async function deliverRule(deps: Deliverer, ruleId: string): Promise<void> {
  const { db, leaseMs, signal } = deps;
  do {
    const lease = randomUUID();
    if (!(await takeLease(db, ruleId, { lease, leaseMs }))) return;
    try {
      while (!signal.aborted && (await sendNext(deps, ruleId, lease)));
    } finally {
      await db
        .updateTable('notificationRules')
        .set({ lease: null, leasedUntil: null })
        .where('id', '=', ruleId)
        .where('lease', '=', lease)
        .execute();
    }
    // Other processes have left new deliveries to this one for as long as it held the lease.
  } while (!signal.aborted && (await findDueRules(db, ruleId)).length > 0);
}

async function takeLease(
  db: Database,
  ruleId: string,
  { lease, leaseMs }: { lease: string; leaseMs: number },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('notificationRules')
    .set({ lease, leasedUntil: sql<string>`now() + ${leaseMs} * interval '1 millisecond'` })
    .where('id', '=', ruleId)
    .where((eb) =>
      eb.or([eb('leasedUntil', 'is', null), eb('leasedUntil', '<', sql<string>`now()`), eb('lease', '=', lease)]),
    )
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Rules with a due delivery that no process is sending, each with a key made of its newest delivery. */
export async function findDueRules(db: Database, ruleId?: string): Promise<{ ruleId: string; key: string }[]> {
  const { rows } = await sql<{ ruleId: string; newest: number }>`
    select rule_id, max(delivery.sequence) as newest
    from notification_deliveries as delivery join notification_rules as rule on rule.id = rule_id
    where state = 'waiting' and enabled and paused_at is null and (leased_until is null or leased_until < now())
      ${ruleId === undefined ? sql`` : sql`and rule_id = ${ruleId}`}
    group by rule_id having (array_agg(next_attempt_at order by delivery.sequence))[1] <= now()`.execute(db);
  return rows.map(({ ruleId, newest }) => ({ ruleId, key: String(newest) }));
}

/** Resolves to false when nothing is due. */
async function sendNext(deps: Deliverer, ruleId: string, lease: string): Promise<boolean> {
  const { db, leaseMs, signal } = deps;
  const next = await findNext(db, ruleId);
  if (!next?.isDue || !(await takeLease(db, ruleId, { lease, leaseMs }))) return false;
  const outcome = await attempt(deps, ruleId, next).catch((error: unknown) => {
    if (signal.aborted) return undefined;
    throw error;
  });
  if (!outcome) return false;
  const { retryInMs, hasPaused } = await recordOutcome(db, { ruleId, ...next }, outcome, deps.backoffMs);
  if (hasPaused) await deps.onPaused(ruleId);
  else if (retryInMs !== undefined) await deps.retry(ruleId, `${next.sequence}.${next.attempts + 1}`, retryInMs);
  return retryInMs === undefined && !hasPaused;
}

async function attempt(
  { secretBox, send, signal }: Deliverer,
  ruleId: string,
  { id, target, body, ...sealed }: Message,
): Promise<Outcome> {
  let opened: ReturnType<typeof openSecrets>;
  try {
    opened = openSecrets({ secretBox }, ruleId, sealed);
  } catch (error) {
    return { ...outcomeOfError(error), error: (error as Error).message };
  }
  return send({ id, target, body, ...opened }, signal);
}

/** The first delivery of a rule that waits. */
function findNext(db: Database, ruleId: string) {
  return db
    .selectFrom('notificationDeliveries as delivery')
    .innerJoin('notificationRules as rule', 'rule.id', 'delivery.ruleId')
    .select([
      'delivery.id',
      'delivery.sequence',
      'delivery.attempts',
      'body',
      'target',
      'secret',
      retiringSecret,
      'rule.name',
      'rule.projectId',
      sql<boolean>`next_attempt_at <= now()`.as('isDue'),
    ])
    .where('ruleId', '=', ruleId)
    .where('state', '=', 'waiting')
    .where('enabled', '=', true)
    .where('pausedAt', 'is', null)
    .orderBy('delivery.sequence')
    .limit(1)
    .executeTakeFirst();
}
