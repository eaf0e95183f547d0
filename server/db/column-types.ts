import type { ColumnType } from 'kysely';

/** Read as ISO-8601 text, so that rows are plain JSON. */
export type Timestamp = ColumnType<string, string | Date | undefined, string | Date>;
export type NullableTimestamp = ColumnType<string | null, string | Date | null | undefined, string | Date | null>;
/** The caller writes JSON text, because node-postgres would send an array as a Postgres array. */
export type Json<T> = ColumnType<T, string | undefined, string>;
export type NullableJson<T> = ColumnType<T | null, string | null | undefined, string | null>;
