import type { Trx } from '#server/db/database.ts';
import { AppError } from '#server/lib/errors.ts';

export interface Membership {
  organizationId: string;
  userId: string;
}

/** Locks the member until the transaction ends. Throws NOT_FOUND. */
export async function lockMember(trx: Trx, { organizationId, userId }: Membership) {
  const member = await trx
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.userId')
    .select(['users.name', 'members.role'])
    .where('members.organizationId', '=', organizationId)
    .where('members.userId', '=', userId)
    .forUpdate('members')
    .executeTakeFirst();
  return member ?? memberNotFound(userId);
}

export function memberNotFound(userId: string): never {
  throw new AppError('NOT_FOUND', `There is no member ${userId}.`);
}
