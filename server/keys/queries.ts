import { v7 as uuidv7 } from 'uuid';
import type { ProjectRole } from '#shared/project-role.ts';
import { createSecret } from '#server/access/auth.ts';
import type { Database } from '#server/db/database.ts';
import { AppError } from '#server/errors.ts';

/** By which scanners of leaked secrets know ours. */
const prefix = 'rl_';

/** The newest first, with those that have expired. */
export async function listKeys(db: Database, projectId: string) {
  const items = await db
    .selectFrom('apiKeys')
    .select(['id', 'name', 'role', 'start', 'createdBy', 'createdAt', 'expiresAt', 'lastUsedAt'])
    .where('projectId', '=', projectId)
    .orderBy('id', 'desc')
    .execute();
  return { items };
}

/** The key is in the answer and nowhere else: only its hash is kept. */
export async function insertKey(
  db: Database,
  projectId: string,
  key: { name: string; role: ProjectRole; expiresAt: string | null; createdBy: string },
): Promise<{ id: string; key: string }> {
  const id = uuidv7();
  const { secret, hash } = createSecret(prefix);
  await db
    .insertInto('apiKeys')
    .values({ id, projectId, ...key, secretHash: hash, start: secret.slice(0, prefix.length + 6) })
    .execute();
  return { id, key: secret };
}

/** Throws NOT_FOUND. */
export async function deleteKey(db: Database, projectId: string, keyId: string): Promise<void> {
  const { numDeletedRows } = await db
    .deleteFrom('apiKeys')
    .where('id', '=', keyId)
    .where('projectId', '=', projectId)
    .executeTakeFirst();
  if (numDeletedRows === 0n) throw new AppError('NOT_FOUND', `There is no API key ${keyId}.`);
}
