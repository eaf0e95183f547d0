import type { AuditAction } from '#shared/audit.ts';
import type { Database } from '#server/db/database.ts';
import { defaultOrganizationId } from '#server/identity/default-ids.ts';
import type { Who } from '#server/identity/actor.ts';
import { type AuditEntry, type AuditRow, auditRow, type AuditScope } from './record-audit.ts';
import type { Logger } from '#server/lib/logger.ts';
import { storableText } from '#server/lib/storable-text.ts';

/** Equal attempts within this time, in ms, are one event. */
const togetherMs = 60_000;
/** Delay before events are written, in ms; and after a failed write. */
const gatherMs = 1_000;
const retryMs = 10_000;
/** Events in a minute, separately for authenticated and anonymous callers. Further ones are counted in one event. */
const maxEvents = 30;

export interface Attempt extends AuditEntry {
  action: Extract<AuditAction, `${string}.refused` | 'session.started'>;
  who: Who;
  /** By default the default organisation. */
  scope?: AuditScope;
  /** Attempts with the same key are counted together; by default the name of the target. */
  sameAs?: string;
}

/** Audits attempts that change nothing: refused ones, and sign-ins with the access token. */
export interface AttemptLog {
  /** Returns at once and never throws. */
  note(attempt: Attempt): void;
}

interface Event {
  row: AuditRow;
  isStranger: boolean;
  count: number;
  isDirty: boolean;
  /** Epoch ms. */
  until: number;
}

/**
 * Bounds what refused attempts cost, since strangers decide how many there are. Attempts are counted in memory and written by
 * at most one statement a second, over one connection; requests do not wait for it. Equal attempts of a caller are one row a
 * minute, which holds their number: thousands of reconnecting streams are one row, too. A process writes at most 30 different
 * attempts a minute for authenticated callers and 30 for anonymous ones; one further row counts the rest. So an attack writes
 * about ten megabytes a day at most, and refused attempts are kept for 30 days at most. Failed writes are repeated. Disposing
 * writes what is left.
 */
export function createAttemptLog(options: { db: Database; logger: Logger }): AttemptLog & AsyncDisposable {
  const { db, logger } = options;
  const events = new Map<string, Event>();
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> | undefined;
  let isClosed = false;

  function schedule(inMs = gatherMs) {
    if (isClosed) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      flushing = flush();
    }, inMs).unref();
  }

  async function flush() {
    const dirty = [...events.values()].filter((event) => event.isDirty);
    if (dirty.length === 0) return;
    for (const event of dirty) event.isDirty = false;
    try {
      await db
        .insertInto('auditEvents')
        .values(dirty.map(({ row, count }) => ({ ...row, count })))
        .onConflict((conflict) => conflict.column('id').doUpdateSet((eb) => ({ count: eb.ref('excluded.count') })))
        .execute();
    } catch (error) {
      for (const event of dirty) event.isDirty = true;
      logger.warn({ err: error }, 'refused attempts could not be written; trying again');
      schedule(retryMs);
    }
  }

  function forgetPast() {
    const now = Date.now();
    for (const [key, { isDirty, until }] of events) if (!isDirty && until < now) events.delete(key);
  }

  const isBusy = (isStranger: boolean) =>
    [...events.values()].filter((event) => event.isStranger === isStranger).length >= maxEvents;

  function count(key: string, isStranger: boolean, makeRow: () => AuditRow) {
    let event = events.get(key);
    if (!event) {
      const now = Date.now();
      const row = { ...makeRow(), at: new Date(now) };
      event = { row, isStranger, count: 0, isDirty: false, until: now + togetherMs };
      events.set(key, event);
    }
    event.count += 1;
    event.isDirty = true;
    schedule();
  }

  return {
    note({ who, sameAs, scope = { organizationId: defaultOrganizationId }, ...entry }) {
      forgetPast();
      const isStranger = who.kind === 'anonymous';
      const [place] = Object.values(scope);
      const key = [who.id, place, who.address, entry.action, sameAs ?? entry.target.name].join('\0');
      if (!events.has(key) && isBusy(isStranger)) return count(`others ${isStranger}`, isStranger, makeRowOfOthers);
      const target = { ...entry.target, name: shortText(entry.target.name) };
      count(key, isStranger, () =>
        auditRow(scope, { ...who, address: who.address && shortText(who.address) }, { ...entry, target }),
      );
    },

    async [Symbol.asyncDispose]() {
      isClosed = true;
      clearTimeout(timer);
      await flushing;
      await flush();
    },
  };
}

const makeRowOfOthers = () =>
  auditRow(
    { organizationId: defaultOrganizationId },
    { kind: 'anonymous', id: 'anonymous', name: 'Several', address: null },
    {
      action: 'access.refused',
      target: { kind: 'procedure', id: null, name: 'various' },
      details: {
        reason: `After ${maxEvents} different attempts in a minute, further ones are counted together.`,
      },
    },
  );

/** Strangers choose this text, so its length is bounded. */
function shortText(text: string): string {
  return storableText(text.slice(0, 200));
}
