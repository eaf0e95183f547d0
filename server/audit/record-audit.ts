import { type Insertable, type RawBuilder, sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { AuditAction, AuditDetails, AuditTargetKind } from '#shared/audit.ts';
import type { Trx } from '#server/db/database.ts';
import type { AuditEventsTable } from '#server/db/access-tables.ts';
import { defaultOrganizationId } from '#server/identity/default-ids.ts';
import type { Actor, Who } from '#server/identity/actor.ts';

export interface AuditEntry {
  action: AuditAction;
  target: { kind: AuditTargetKind; id: string | null; name: string };
  details?: AuditDetails;
}

export type AuditRow = Omit<Insertable<AuditEventsTable>, 'organizationId'> & {
  id: string;
  organizationId: string | RawBuilder<string>;
};

/** Where an event is listed. */
export type AuditScope =
  /** `organizationId`: the project's at the time of the event, if it is written later; the project may have moved. */
  | { projectId: string; organizationId?: string }
  /** In all projects of the organisation. */
  | { organizationId: string };

/** In every organisation of the user; in the default organisation for a user without one. */
export interface AccountScope {
  userId: string;
}

/**
 * Adds an audit event in the transaction of the change itself, so that neither exists without the other. Call it once for
 * each change, and not when nothing changes, as for a repeated call.
 */
export async function recordAudit(trx: Trx, actor: Actor, entry: AuditEntry): Promise<void> {
  await recordAuditIn(trx, { projectId: actor.projectId }, actor, entry);
}

/** As `recordAudit`, for another scope than the actor's project. An `AccountScope` adds an event to each organisation. */
export async function recordAuditIn(
  trx: Trx,
  scope: AuditScope | AccountScope,
  who: Who,
  entry: AuditEntry,
): Promise<void> {
  const scopes = 'userId' in scope ? await listOrganizationsOf(trx, scope) : [scope];
  await trx
    .insertInto('auditEvents')
    .values(scopes.map((scope) => auditRow(scope, who, entry)))
    .execute();
}

async function listOrganizationsOf(trx: Trx, { userId }: AccountScope): Promise<{ organizationId: string }[]> {
  const organizations = await trx.selectFrom('members').select('organizationId').where('userId', '=', userId).execute();
  return organizations.length > 0 ? organizations : [{ organizationId: defaultOrganizationId }];
}

/** The row of an event that happens now. */
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
  return (
    scope.organizationId ??
    sql<string>`(select organization_id from projects where id = ${(scope as { projectId: string }).projectId})`
  );
}
