import { type Insertable, type RawBuilder, sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { AuditAction, AuditDetails, AuditTargetKind } from '#shared/audit.ts';
import type { AuditEventsTable, Trx } from '#server/db/database.ts';
import { defaultOrganizationId } from '#server/default-project.ts';
import type { Actor, Who } from './actor.ts';

export interface AuditEntry {
  action: AuditAction;
  target: { kind: AuditTargetKind; id: string | null; name: string };
  details?: AuditDetails;
}

export type AuditRow = Omit<Insertable<AuditEventsTable>, 'organizationId'> & {
  id: string;
  organizationId: string | RawBuilder<string>;
};

/** What an entry concerns, and so where it is listed. */
export type AuditScope =
  | { projectId: string }
  /** The organisation of a project: listed in all projects of it. */
  | { organizationOf: string }
  /** The account of a user: as the organisation that they are in or, if there is none, the one that Runlight began with. */
  | { userId: string }
  | { organizationId: string };

/**
 * Writes down what an actor has done, in the transaction of the change itself: there is never one without the other. To be
 * called once for each change, and not for what changes nothing, such as the repetition of a call.
 */
export async function recordAudit(trx: Trx, actor: Actor, entry: AuditEntry): Promise<void> {
  await recordAuditIn(trx, { projectId: actor.projectId }, actor, entry);
}

/** The same for what concerns more than the actor's project. */
export async function recordAuditIn(trx: Trx, scope: AuditScope, who: Who, entry: AuditEntry): Promise<void> {
  await trx
    .insertInto('auditEvents')
    .values(auditRow(scope, who, entry))
    .execute();
}

/** An event of now, as a row. */
export function auditRow(scope: AuditScope, who: Who, { action, target, details = {} }: AuditEntry): AuditRow {
  return {
    id: uuidv7(),
    organizationId: organizationOf(scope),
    projectId: 'projectId' in scope ? scope.projectId : null,
    actorKind: who.kind,
    actorId: who.id,
    actorName: who.name,
    address: who.address,
    action,
    targetKind: target.kind,
    targetId: target.id,
    targetName: target.name,
    details: JSON.stringify(details),
    outcome: action.endsWith('.refused') ? 'refused' : 'done',
  };
}

function organizationOf(scope: AuditScope): string | RawBuilder<string> {
  if ('organizationId' in scope) return scope.organizationId;
  if ('userId' in scope)
    return sql<string>`coalesce(
      (select organization_id from members where user_id = ${scope.userId} order by created_at limit 1),
      ${defaultOrganizationId}
    )`;
  const projectId = 'projectId' in scope ? scope.projectId : scope.organizationOf;
  return sql<string>`(select organization_id from projects where id = ${projectId})`;
}
