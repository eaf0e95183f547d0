import type { AuditAction } from '#shared/audit.ts';
import type { Database } from '#server/db/database.ts';
import { defaultOrganizationId } from '#server/identity/default-ids.ts';
import type { Who } from '#server/identity/actor.ts';
import { type AuditEntry, type AuditRow, auditRow, type AuditScope } from './record-audit.ts';
import type { Logger } from '#server/lib/logger.ts';
import { storableText } from '#server/lib/storable-text.ts';

/** How long the same counts as one event, in ms. */
const togetherMs = 60_000;
/** How long events gather before they are written, in ms, and how long after a failure. */
const gatherMs = 1_000;
const retryMs = 10_000;
/** Different events in a minute, of those who have been let in and of those who have not; the others are counted as one. */
const maxEvents = 30;

export interface Attempt extends AuditEntry {
  action: Extract<AuditAction, `${string}.refused` | 'session.started'>;
  who: Who;
  /** By default the organisation that Runlight began with. */
  scope?: AuditScope;
  /** What it has in common with others that count as the same; by default the name of its target. */
  sameAs?: string;
}

/**
 * Attempts to get in or to do something that change nothing, and are told all the same: those that were refused and, where the
 * access token opens everything, those that came with it.
 */
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
 * Strangers decide how much is refused, so it must not cost what others need. Whoever is refused waits for nothing: it is
 * counted in memory, and written by one statement a second at most, over one connection. The same attempt of the same caller
 * is one row for a minute, with their number in it, whether it is made once or, as by a herd of streams that come back, ten
 * thousand times. Of different ones, a process writes 30 a minute for those who have been let in, and 30 for strangers; the
 * rest is one more row, which counts them. So a day of an attack is some ten megabytes at most, and what is refused is kept
 * for 30 days at most. What cannot be written now, because the database is away, is written later. Disposing writes what is
 * left.
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
      logger.warn({ err: error }, 'attempts could not be written down; it is tried again');
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
        reason: `Of different attempts in a minute, those after the first ${maxEvents} are counted together.`,
      },
    },
  );

/** Strangers choose this text, so its length is bounded. */
function shortText(text: string): string {
  return storableText(text.slice(0, 200));
}
