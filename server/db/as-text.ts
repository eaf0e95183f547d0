import { type RawBuilder, sql } from 'kysely';

/** A time in ISO 8601, for JSON that the database builds: its own form has no `Z`. */
export const asText = (time: RawBuilder<unknown>) =>
  sql<string>`to_char(${time} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
