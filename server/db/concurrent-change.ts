import { sql } from 'kysely';
import { AppError } from '#server/lib/errors.ts';

/** The new `updated_at` of a row: at least 1 ms later than before, so that each value identifies one state. */
export const nextUpdatedAt = sql<string>`greatest(now(), updated_at + interval '1 millisecond')`;

/** True if the row's `updated_at` is still `updatedAt` (ISO-8601), or if `updatedAt` is undefined. */
export function isUnchanged(updatedAt: string | undefined) {
  return updatedAt === undefined
    ? sql<boolean>`true`
    : sql<boolean>`date_trunc('milliseconds', updated_at) = ${updatedAt}::timestamptz`;
}

export function changedMeanwhile(thing: 'test' | 'job'): never {
  throw new AppError(
    'CONFLICT',
    `The ${thing} has changed in the meantime. Check its current state, then save again.`,
    {
      field: 'expectedUpdatedAt',
    },
  );
}
