import { v7 as uuidv7 } from 'uuid';
import { sharePath } from '#shared/share-links.ts';
import { recordAudit } from '#server/audit/record-audit.ts';
import type { Database } from '#server/db/database.ts';
import type { Actor } from '#server/identity/actor.ts';
import { createSecret } from '#server/identity/secrets.ts';
import { AppError } from '#server/lib/errors.ts';
import { getRun } from '#server/runs/queries.ts';

/** Lets scanners for leaked secrets recognise share links. */
const secretPrefix = 'rls_';

const dayMs = 24 * 3_600_000;

/** The links of a run that have not expired, the newest first. Throws NOT_FOUND. */
export async function listShareLinks(db: Database, projectId: string, runId: string) {
  await getRun(db, projectId, runId);
  const items = await db
    .selectFrom('shareLinks')
    .select(['id', 'createdBy', 'createdAt', 'expiresAt', 'lastUsedAt'])
    .where('runId', '=', runId)
    .where('expiresAt', '>', (eb) => eb.fn<string>('now'))
    .orderBy('id', 'desc')
    .execute();
  return { items };
}

/** Only the result holds the secret, in `path`: the database stores its hash. Throws NOT_FOUND. */
export async function insertShareLink(
  db: Database,
  actor: Actor,
  { runId, expiresInDays }: { runId: string; expiresInDays: number },
): Promise<{ id: string; path: string; expiresAt: string }> {
  const { name } = await getRun(db, actor.projectId, runId);
  const id = uuidv7();
  const { secret, hash } = createSecret(secretPrefix);
  const expiresAt = new Date(Date.now() + expiresInDays * dayMs).toISOString();
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('shareLinks')
      .values({ id, runId, secretHash: hash, createdBy: actor.name, expiresAt })
      .execute();
    const target = { kind: 'run', id: runId, name } as const;
    await recordAudit(trx, actor, { action: 'share_link.created', target, details: { expiresAt } });
  });
  return { id, path: sharePath(secret), expiresAt };
}

/** Open streams of the link end within `SSE_FALLBACK_INTERVAL`. Throws NOT_FOUND. */
export async function deleteShareLink(db: Database, actor: Actor, linkId: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const link = await trx
      .deleteFrom('shareLinks')
      .using('runs')
      .whereRef('runs.id', '=', 'shareLinks.runId')
      .where('shareLinks.id', '=', linkId)
      .where('runs.projectId', '=', actor.projectId)
      .returning(['runs.id', 'runs.name'])
      .executeTakeFirst();
    if (!link) throw new AppError('NOT_FOUND', `There is no share link ${linkId}.`);
    await recordAudit(trx, actor, { action: 'share_link.revoked', target: { kind: 'run', ...link } });
  });
}
