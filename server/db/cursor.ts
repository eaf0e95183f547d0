import { validate } from 'uuid';
import { AppError } from '#server/errors.ts';

// Lists are in the order of their ids, uuid v7, so the last id of a page is the place where the next one begins.

/** The `nextCursor` of a page: after its last row, when there is more. Opaque to clients. */
export function nextCursor(items: readonly { id: string }[], hasMore: boolean): string | null {
  const last = items.at(-1);
  return hasMore && last ? Buffer.from(last.id).toString('base64url') : null;
}

/** The id after which the page begins. Throws BAD_REQUEST for what `nextCursor` did not write. */
export function parseCursor(cursor: string | null | undefined): string | undefined {
  if (!cursor) return undefined;
  const id = Buffer.from(cursor, 'base64url').toString();
  if (!validate(id))
    throw new AppError('BAD_REQUEST', 'must be the nextCursor of an earlier page', { field: 'cursor' });
  return id;
}
