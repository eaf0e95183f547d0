import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Who } from '#server/identity/actor.ts';
import { type AccountScope, type AuditScope, recordAuditIn } from '#server/audit/record-audit.ts';
import type { Database, Trx } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';
import { createSecret } from '#server/identity/secrets.ts';

const resetHours = 24;

export interface PasswordReset {
  id: string;
  name: string;
  email: string;
}

/**
 * The secret of a link by which a user sets a new password, once and within a day. Replaces earlier links of the user.
 * `scope`: where the audit log lists that `who` made the link.
 */
export async function insertPasswordReset(
  trx: Trx,
  scope: AuditScope | AccountScope,
  who: Who,
  { id: userId, name }: { id: string; name: string },
): Promise<string> {
  const { secret, hash: secretHash } = createSecret('');
  const expiresAt = sql<string>`now() + ${resetHours} * interval '1 hour'`;
  const creatorId = who.kind === 'user' ? who.id : null;
  await trx
    .insertInto('passwordResets')
    .values({ userId, secretHash, creatorId, expiresAt })
    .onConflict((conflict) => conflict.column('userId').doUpdateSet({ secretHash, creatorId, expiresAt }))
    .execute();
  const target = { kind: 'member', id: userId, name } as const;
  await recordAuditIn(trx, scope, who, { action: 'member.reset_link_created', target });
  return secret;
}

/** Revokes the link of a user, if there is one. */
export async function deletePasswordReset(trx: Trx, userId: string): Promise<void> {
  await trx.deleteFrom('passwordResets').where('userId', '=', userId).execute();
}

/**
 * The user of a link, while the link is valid. A link that a member made is valid while that member owns every organisation
 * that the user is in: changes of membership since then count.
 */
export function findPasswordReset(db: Database, secretHash: string): Promise<PasswordReset | undefined> {
  return db
    .selectFrom('passwordResets')
    .innerJoin('users', 'users.id', 'passwordResets.userId')
    .select(['users.id', 'users.name', 'users.email'])
    .where('passwordResets.secretHash', '=', secretHash)
    .where('passwordResets.expiresAt', '>', sql<string>`now()`)
    .where(({ eb, or, not, exists, selectFrom }) =>
      or([
        eb('passwordResets.creatorId', 'is', null),
        not(
          exists(
            selectFrom('members')
              .select('members.userId')
              .whereRef('members.userId', '=', 'passwordResets.userId')
              .where('members.organizationId', 'not in', (owned) =>
                owned
                  .selectFrom('members as maker')
                  .select('maker.organizationId')
                  .whereRef('maker.userId', '=', 'passwordResets.creatorId')
                  .where('maker.role', '=', 'owner'),
              ),
          ),
        ),
      ]),
    )
    .executeTakeFirst();
}

/** As `findPasswordReset`. Throws NOT_FOUND for a link that is not valid. */
export async function getPasswordReset(db: Database, secretHash: string): Promise<PasswordReset> {
  const reset = await findPasswordReset(db, secretHash);
  if (!reset) throw new AppError('NOT_FOUND', 'This link no longer works: it was used, was replaced or has expired.');
  return reset;
}

/** Sets the user's password, ends their sessions and deletes the link. Throws NOT_FOUND for a link that is not valid. */
export async function consumePasswordReset(trx: Trx, secretHash: string, password: string): Promise<PasswordReset> {
  const reset = await getPasswordReset(trx, secretHash);
  const used = await trx.deleteFrom('passwordResets').where('secretHash', '=', secretHash).executeTakeFirst();
  if (used.numDeletedRows === 0n) return getPasswordReset(trx, secretHash);
  await trx
    .insertInto('credentials')
    .values({ id: uuidv7(), userId: reset.id, providerId: 'credential', accountId: reset.id, password })
    .onConflict((conflict) => conflict.columns(['providerId', 'accountId']).doUpdateSet({ password }))
    .execute();
  await trx.deleteFrom('sessions').where('userId', '=', reset.id).execute();
  return reset;
}
