import { changesOf } from '#server/audit/changes-of.ts';
import { recordAudit } from '#server/audit/record-audit.ts';
import type { Database } from '#server/db/database.ts';
import type { Actor } from '#server/identity/actor.ts';
import { storableText } from '#server/lib/storable-text.ts';
import { getSuite } from './queries.ts';

/** Sets the branch that other branches are compared with; null: `main`, else `master`. Throws NOT_FOUND. */
export async function setBaseBranch(db: Database, actor: Actor, suiteId: string, branch: string | null): Promise<void> {
  await getSuite(db, actor.projectId, suiteId);
  const baseBranch = branch && storableText(branch);
  await db.transaction().execute(async (trx) => {
    const suite = await trx
      .selectFrom('suites')
      .select(['name', 'baseBranch'])
      .where('id', '=', suiteId)
      .forNoKeyUpdate()
      .executeTakeFirstOrThrow();
    const changes = changesOf({ baseBranch: suite.baseBranch }, { baseBranch });
    if (!changes) return;
    await trx.updateTable('suites').set({ baseBranch }).where('id', '=', suiteId).execute();
    await recordAudit(trx, actor, {
      action: 'suite.base_branch_changed',
      target: { kind: 'suite', id: suiteId, name: suite.name },
      details: { changes },
    });
  });
}
