import { sql } from 'kysely';
import { type AuditAction, auditActions, type AuditOutcome } from '#shared/audit.ts';
import type { CallerScope } from '#server/identity/caller.ts';
import { idsBetween, nextCursor, parseCursor } from '#server/db/cursor.ts';
import type { Database } from '#server/db/database.ts';
import { storableText } from '#server/lib/storable-text.ts';

export interface AuditListFilter {
  actor?: string | undefined;
  action?: AuditAction[] | undefined;
  target?: string | undefined;
  outcome?: AuditOutcome | undefined;
  /** ISO times: from `since` on and before `until`. */
  since?: string | undefined;
  until?: string | undefined;
  cursor?: string | null | undefined;
  limit: number;
}

/**
 * The audit events of a project, newest first; for owners of its organisation, also the events of the organisation. Events of
 * other projects are not listed.
 */
export async function listAudit(
  db: Database,
  { projectId, organizationId, ownsOrganization }: CallerScope,
  filter: AuditListFilter,
) {
  const { actor, action, target, outcome, since, until, limit } = filter;
  const after = parseCursor(filter.cursor);
  // Each scope is a range of the index, so the time to read a page does not grow with the log.
  const newestOf = (scope: string) =>
    db
      .selectFrom('auditEvents')
      .select(['id', 'at', 'projectId', 'actorKind', 'actorId', 'actorName', 'address', 'action'])
      .select(['targetKind', 'targetId', 'targetName', 'details', 'outcome', 'count'])
      .where('scopeId', '=', scope)
      .$if(actor !== undefined, (query) => query.where('actorId', '=', storableText(actor!)))
      .$if(action !== undefined, (query) => query.where('action', 'in', action!))
      .$if(target !== undefined, (query) => query.where('targetId', '=', storableText(target!)))
      .$if(outcome !== undefined, (query) => query.where('outcome', '=', outcome!))
      // Lets Postgres use the index on actions: refused attempts may be few among many events.
      .$if(outcome === 'refused', (query) => query.where('action', 'in', refusedActions))
      .$if(since !== undefined, (query) => query.where('at', '>=', since!).where('id', '>=', idsBetween.from(since!)))
      .$if(until !== undefined, (query) => query.where('at', '<', until!).where('id', '<', idsBetween.before(until!)))
      .$if(after !== undefined, (query) => query.where('id', '<', after!))
      .orderBy('id', 'desc')
      .limit(limit + 1);
  const rows = await db
    .selectFrom(newestOf(projectId).as('ofProject'))
    .selectAll()
    .$if(ownsOrganization, (query) =>
      query.unionAll(db.selectFrom(newestOf(organizationId).as('ofOrganization')).selectAll()),
    )
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit);
  return { items, nextCursor: nextCursor(items, rows.length > limit) };
}

const refusedActions = auditActions.filter((action) => action.endsWith('.refused'));

/** Events removed by one statement. */
const batchSize = 1_000;

/** Refused attempts are kept for at most so many days, since strangers decide how many there are. */
const refusedDays = 30;

/**
 * Removes events older than `days`, and refused attempts older than 30 days; at most 1,000 of each. With 0 days, only refused
 * attempts are removed. Resolves to the number of removed events.
 */
export async function removeOldAuditEvents(db: Database, days: number): Promise<number> {
  const before = (days: number) => idsBetween.before(new Date(Date.now() - days * 86_400_000).toISOString());
  const remove = async (days: number, refusedOnly: boolean) => {
    const { numDeletedRows } = await db
      .deleteFrom('auditEvents')
      .where('id', 'in', (eb) =>
        eb
          .selectFrom('auditEvents')
          .select('id')
          .where('id', '<', before(days))
          .where('at', '<', sql<string>`now() - ${days} * interval '1 day'`)
          .$if(refusedOnly, (query) => query.where('outcome', '=', 'refused'))
          .orderBy('id')
          .limit(batchSize),
      )
      .executeTakeFirst();
    return Number(numDeletedRows);
  };
  const refused = await remove(days === 0 ? refusedDays : Math.min(days, refusedDays), true);
  return refused + (days === 0 ? 0 : await remove(days, false));
}
