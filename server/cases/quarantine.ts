import { sql } from 'kysely';
import { recordAudit } from '#server/audit/record-audit.ts';
import type { Database } from '#server/db/database.ts';
import type { Actor } from '#server/identity/actor.ts';
import { type CaseHead, getCase, headColumns, headJoins, toHead } from './case-queries.ts';

/**
 * From the next result of the case until `expiresAt`, its failures fail nothing. Replaces a quarantine that there is; the
 * same one again changes nothing. Throws NOT_FOUND.
 */
export async function quarantineCase(
  db: Database,
  actor: Actor,
  { caseId, reason, owner, expiresAt }: { caseId: string; reason: string; owner: string; expiresAt: string },
): Promise<void> {
  const { title } = await getCase(db, actor.projectId, caseId);
  await db.transaction().execute(async (trx) => {
    const changed = await trx
      .insertInto('quarantines')
      .values({ caseId, projectId: actor.projectId, reason, owner, expiresAt, createdBy: actor.name })
      .onConflict((conflict) =>
        conflict
          .column('caseId')
          .doUpdateSet({ reason, owner, expiresAt, createdBy: actor.name, createdAt: sql<string>`now()` })
          .where(
            sql<boolean>`(quarantines.reason, quarantines.owner, quarantines.expires_at)
              is distinct from (${reason}, ${owner}, ${expiresAt}::timestamptz)`,
          ),
      )
      .returning('caseId')
      .executeTakeFirst();
    if (changed)
      await recordAudit(trx, actor, {
        action: 'case.quarantined',
        target: { kind: 'case', id: caseId, name: title },
        details: { reason, owner, expiresAt },
      });
  });
}

/** The case counts again from its next result on. A case that is not in quarantine stays as it is. Throws NOT_FOUND. */
export async function releaseCase(db: Database, actor: Actor, caseId: string): Promise<void> {
  const { title } = await getCase(db, actor.projectId, caseId);
  await db.transaction().execute(async (trx) => {
    const released = await trx
      .deleteFrom('quarantines')
      .where('caseId', '=', caseId)
      .returning('caseId')
      .executeTakeFirst();
    if (released)
      await recordAudit(trx, actor, { action: 'case.released', target: { kind: 'case', id: caseId, name: title } });
  });
}

/** The project's cases in quarantine, those that count again soonest first. */
export async function findQuarantinedCases(db: Database, projectId: string, most: number) {
  const { rows } = await sql<CaseHead & { total: number }>`
    select ${headColumns}, count(*) over () as total
    from quarantines as held join cases as subject on subject.id = held.case_id ${headJoins}
    where held.project_id = ${projectId} and held.expires_at > now()
    order by held.expires_at, held.case_id limit ${most}`.execute(db);
  return { total: rows[0]?.total ?? 0, items: rows.map(toHead) };
}
