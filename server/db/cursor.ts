import { validate } from 'uuid';
import { AppError } from '#server/lib/errors.ts';

// Lists are in the order of their ids (uuid v7), so a page continues after the last id of the page before.

/** The clocks of processes, which make ids, and of the database, which makes times, differ by less than this. */
const clockDifferenceMs = 3_600_000;

/** Bounds for the ids of rows in a time span (ISO times), so that a list uses its index on ids. */
export const idsBetween = {
  from: (since: string) => idAt(Date.parse(since) - clockDifferenceMs),
  before: (until: string) => idAt(Date.parse(until) + clockDifferenceMs),
};

/** The smallest uuid v7 of a time. */
function idAt(epochMs: number): string {
  const hex = Math.max(0, epochMs).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** The cursor after the last row of a page; null when there are no more rows. Opaque to clients. */
export function nextCursor(items: readonly { id: string }[], hasMore: boolean): string | null {
  const last = items.at(-1);
  return hasMore && last ? Buffer.from(last.id).toString('base64url') : null;
}

/** As `nextCursor`, for lists that are in the order of a number that is computed, greatest first, and then of ids. */
export function nextRankedCursor(items: readonly { id: string; rank: number }[], hasMore: boolean): string | null {
  const last = items.at(-1);
  return hasMore && last ? Buffer.from(JSON.stringify([last.rank, last.id])).toString('base64url') : null;
}

/** After which row the page starts. Throws BAD_REQUEST for a cursor that `nextRankedCursor` did not make. */
export function parseRankedCursor(cursor: string | null | undefined): { rank: number; id: string } | undefined {
  if (!cursor) return undefined;
  try {
    const [rank, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (typeof rank === 'number' && typeof id === 'string' && validate(id)) return { rank, id };
  } catch {
    // It is no JSON.
  }
  throw new AppError('BAD_REQUEST', 'must be the nextCursor of an earlier page', { field: 'cursor' });
}

/** The id after which the page starts. Throws BAD_REQUEST for a cursor that `nextCursor` did not make. */
export function parseCursor(cursor: string | null | undefined): string | undefined {
  if (!cursor) return undefined;
  const id = Buffer.from(cursor, 'base64url').toString();
  if (!validate(id))
    throw new AppError('BAD_REQUEST', 'must be the nextCursor of an earlier page', { field: 'cursor' });
  return id;
}
