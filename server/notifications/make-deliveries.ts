import { type Selectable, sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { DeliveryEvent } from '#shared/notifications.ts';
import type { NotificationPayload } from '#shared/notification-payload.ts';
import { isTerminal } from '#shared/run-status.ts';
import { takeLock } from '#server/db/advisory-locks.ts';
import type { Database, Trx } from '#server/db/database.ts';
import type { MissedStart, NotificationEventsTable, NotificationRulesTable } from '#server/db/notification-tables.ts';
import type { Logger } from '#server/lib/logger.ts';
import { storableText } from '#server/lib/storable-text.ts';
import { isInScope, matchRule } from './match-rule.ts';
import { readRunFacts } from './run-facts.ts';
import { toMessage } from './rule-message.ts';
import { toPayload, toRunPayload } from './to-payload.ts';

/** Most deliveries of a rule that may wait; further ones are cancelled. */
const mostWaiting = 1_000;

/** An event that cannot be read is tried again after this time, in seconds, and given up after so many attempts. */
const againAfterSeconds = 30;
const mostAttempts = 10;

type Event = Selectable<NotificationEventsTable>;
type Rule = Pick<Selectable<NotificationRulesTable>, 'id' | 'name' | 'events' | 'scope' | 'target'>;

interface Deps {
  db: Database;
  /** Where people open Runlight. */
  address: string;
  logger: Logger;
}

/** Makes the deliveries of all noted events, in their order. Waits for another process that does so at the same time. */
export async function makeDeliveries(deps: Deps): Promise<void> {
  while (await makeNext(deps));
}

/** Resolves to false when there was nothing left. */
async function makeNext({ db, address, logger }: Deps): Promise<boolean> {
  let event: Event | undefined;
  try {
    await db.transaction().execute(async (trx) => {
      await takeLock(trx, 'notifications');
      event = await trx
        .selectFrom('notificationEvents')
        .selectAll()
        .where('notBefore', '<=', sql<string>`now()`)
        .orderBy('id')
        .limit(1)
        .executeTakeFirst();
      if (!event) return;
      await makeFor(trx, event, address);
      await trx.deleteFrom('notificationEvents').where('id', '=', event.id).execute();
    });
  } catch (error) {
    if (!event) throw error;
    logger.warn({ err: error, event: event.id, runId: event.runId }, 'could not make notifications of an event');
    await postpone(db, event);
  }
  return event !== undefined;
}

async function postpone(db: Database, { id, attempts }: Event): Promise<void> {
  if (attempts + 1 >= mostAttempts) await db.deleteFrom('notificationEvents').where('id', '=', id).execute();
  else
    await db
      .updateTable('notificationEvents')
      .set({ attempts: attempts + 1, notBefore: sql<string>`now() + ${againAfterSeconds} * interval '1 second'` })
      .where('id', '=', id)
      .execute();
}

async function makeFor(trx: Trx, event: Event, address: string): Promise<void> {
  const rules = await trx
    .selectFrom('notificationRules')
    .select(['id', 'name', 'events', 'scope', 'target'])
    .where('projectId', '=', event.projectId)
    .where('enabled', '=', true)
    .orderBy('id')
    .execute();
  const { name } = await trx
    .selectFrom('projects')
    .select('name')
    .where('id', '=', event.projectId)
    .executeTakeFirstOrThrow();
  const { kind } = event;
  const news =
    kind === 'start_missed'
      ? await readMissedStart(trx, event, address)
      : await readRun(trx, { ...event, kind }, address);
  if (!news) return;
  for (const rule of rules) {
    const [first, ...rest] = news.eventsFor(rule);
    if (first === undefined) continue;
    await insertDelivery(trx, rule, {
      key: news.key,
      runId: event.runId,
      events: [first, ...rest],
      timestamp: news.timestamp,
      project: { id: event.projectId, name },
      data: news.data,
    });
  }
}

interface News {
  key: string;
  timestamp: string;
  data: Partial<NotificationPayload['data']>;
  /** The events to send by this rule, the most important first. */
  eventsFor(rule: Rule): DeliveryEvent[];
}

/** Undefined: there is nothing to send any more. */
async function readRun(
  trx: Trx,
  event: Event & { kind: 'started' | 'failing' | 'settled' },
  address: string,
): Promise<News | undefined> {
  const facts = await readRunFacts(trx, event.runId!);
  if (!facts) return undefined;
  const { run, events } = facts;
  const { kind } = event;
  // The run has ended meanwhile; its `settled` event follows.
  if (kind !== 'settled' && isTerminal(run.status)) return undefined;
  return {
    // A run starts once, though its commit may be known only later.
    key: kind === 'failing' ? `failing:${event.id}` : `${kind}:${run.id}`,
    timestamp: run.completedAt ?? event.createdAt,
    data: { run: toRunPayload(facts, address) },
    eventsFor(rule) {
      if (kind === 'settled') return matchRule(rule, { ...run, events });
      const { target } = rule;
      const takesKind = target.kind === 'github' && (kind === 'started' || target.comment);
      return takesKind && isInScope(rule.scope, run) ? [kind] : [];
    },
  };
}

async function readMissedStart(trx: Trx, event: Event, address: string): Promise<News | undefined> {
  const job = await trx
    .selectFrom('jobs')
    .select(['id', 'name', 'suiteId'])
    .where('id', '=', event.jobId!)
    .executeTakeFirst();
  if (!job) return undefined;
  const { dueAt, reason, details } = event.details as MissedStart;
  return {
    key: `start_missed:${job.id}:${dueAt}`,
    timestamp: event.createdAt,
    data: { missedStart: { jobId: job.id, name: job.name, dueAt, reason, details, url: `${address}/jobs/${job.id}` } },
    eventsFor: (rule) =>
      matchRule(rule, { events: ['start_missed'], testId: null, jobId: job.id, suiteId: job.suiteId, branch: null }),
  };
}

async function insertDelivery(
  trx: Trx,
  rule: Rule,
  news: Pick<News, 'key' | 'timestamp' | 'data'> & {
    runId: string | null;
    events: readonly [DeliveryEvent, ...DeliveryEvent[]];
    project: { id: string; name: string };
  },
): Promise<void> {
  const { key, events, project, runId } = news;
  const earlier = await trx
    .selectFrom('notificationDeliveries')
    .select('id')
    .where('ruleId', '=', rule.id)
    .where('key', '=', key)
    .executeTakeFirst();
  if (earlier) return;
  const { sequence } = await trx
    .updateTable('notificationRules')
    .set((eb) => ({ sequence: eb('sequence', '+', 1) }))
    .where('id', '=', rule.id)
    .returning('sequence')
    .executeTakeFirstOrThrow();
  const id = uuidv7();
  const envelope = { id, sequence, events, project, rule: { id: rule.id, name: rule.name } };
  const message = toMessage(rule.target, toPayload(envelope, news.timestamp, news.data));
  if (!message) return;
  const isFull = (await countWaiting(trx, rule.id)) >= mostWaiting;
  await trx
    .insertInto('notificationDeliveries')
    .values({
      id,
      projectId: project.id,
      ruleId: rule.id,
      sequence,
      key,
      event: events[0],
      summary: storableText(message.summary, 300),
      runId,
      body: storableText(message.body),
      state: isFull ? 'cancelled' : 'waiting',
      ...(isFull && { error: `${mostWaiting} deliveries of the rule wait already.`, endedAt: sql<string>`now()` }),
    })
    .execute();
}

async function countWaiting(trx: Trx, ruleId: string): Promise<number> {
  const { count } = await trx
    .selectFrom('notificationDeliveries')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('ruleId', '=', ruleId)
    .where('state', '=', 'waiting')
    .executeTakeFirstOrThrow();
  return count;
}
