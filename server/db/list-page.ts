import { sql } from 'kysely';
import { storableText } from '#server/lib/storable-text.ts';
import { nextCursor, parseCursor } from './cursor.ts';

export interface ListFilter {
  search?: string | undefined;
  /** True: what is archived, instead of what is not. */
  archived?: boolean | undefined;
  cursor?: string | null | undefined;
  limit: number;
}

/**
 * Selects rows of `tests` or `jobs` for a page: of the project, archived or not, after `cursor`, with `search` in the name
 * (any letter case; `%` and `_` are literal). The caller reads `limit` + 1 rows, newest first.
 */
export function isListed(projectId: string, { search, archived = false, cursor }: ListFilter) {
  const after = parseCursor(cursor);
  const conditions = [
    sql`project_id = ${projectId}`,
    archived ? sql`archived_at is not null` : sql`archived_at is null`,
  ];
  if (search) conditions.push(sql`position(lower(${storableText(search)}) in lower(name)) > 0`);
  if (after) conditions.push(sql`id < ${after}`);
  return sql<boolean>`${sql.join(conditions, sql` and `)}`;
}

/** Makes a page of the rows that `isListed` selected. */
export function toPage<T extends { id: string }>(rows: readonly T[], { limit }: ListFilter) {
  const items = rows.slice(0, limit);
  return { items, nextCursor: nextCursor(items, rows.length > limit) };
}
