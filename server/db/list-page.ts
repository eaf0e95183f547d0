import { sql } from 'kysely';
import { storableText } from '#server/lib/storable-text.ts';
import { nextCursor, parseCursor } from './cursor.ts';

export interface ListFilter {
  search?: string | undefined;
  cursor?: string | null | undefined;
  limit: number;
}

/**
 * Which rows of a table of named things a page may hold: the project's, not archived, with `search` in the name in any
 * letter case (`%` and `_` mean themselves), after `cursor`. To be read newest first, one more than `limit`.
 */
export function isListed(projectId: string, { search, cursor }: ListFilter) {
  const after = parseCursor(cursor);
  const conditions = [sql`project_id = ${projectId}`, sql`archived_at is null`];
  if (search) conditions.push(sql`position(lower(${storableText(search)}) in lower(name)) > 0`);
  if (after) conditions.push(sql`id < ${after}`);
  return sql<boolean>`${sql.join(conditions, sql` and `)}`;
}

/** The page that was asked for, from the rows that `isListed` found. */
export function toPage<T extends { id: string }>(rows: readonly T[], { limit }: ListFilter) {
  const items = rows.slice(0, limit);
  return { items, nextCursor: nextCursor(items, rows.length > limit) };
}
