import { sql } from 'kysely';

/** The time `ms` milliseconds before now, by the clock of the database. */
export const ago = (ms: number) => sql<string>`now() - ${ms} * interval '1 millisecond'`;
