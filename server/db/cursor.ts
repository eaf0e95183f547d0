import { validate } from 'uuid';
import { AppError } from '#server/lib/errors.ts';

// Lists are in the order of their ids, uuid v7, so the last id of a page is the place where the next one begins.

/** Ids are made by the clock of a process, times by that of the database: they differ by less than this, in ms. */
const clockDifferenceMs = 3_600_000;

/** The least and the greatest id that rows of a span of time (ISO texts) have: a span of the lists' own index. */
export const idsBetween = {
  from: (since: string) => idAt(Date.parse(since) - clockDifferenceMs),
  before: (until: string) => idAt(Date.parse(until) + clockDifferenceMs),
};

/** The least uuid v7 of a moment. */
function idAt(epochMs: number): string {
  const hex = Math.max(0, epochMs).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

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
