import { sql } from 'kysely';
import { AppError } from '#server/lib/errors.ts';

/** For `updated_at`: later than what it was by at least the millisecond that callers see, so that it names one state. */
export const nextUpdatedAt = sql<string>`greatest(now(), updated_at + interval '1 millisecond')`;

/** True for a row that is as it was at `updatedAt`, an ISO-8601 text of `updated_at`; for every row without one. */
export function isUnchanged(updatedAt: string | undefined) {
  return updatedAt === undefined
    ? sql<boolean>`true`
    : sql<boolean>`date_trunc('milliseconds', updated_at) = ${updatedAt}::timestamptz`;
}

export function changedMeanwhile(thing: 'test' | 'job'): never {
  throw new AppError('CONFLICT', `The ${thing} was changed meanwhile. Look at what it is now, then save again.`, {
    field: 'expectedUpdatedAt',
  });
}
