import { type Kysely, sql } from 'kysely';

/**
 * What a run leaves behind is written once and removed at once with it. By default, a table is vacuumed when a fifth of it is
 * dead: of a hundred million log entries, twenty million.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ['run_events', 'run_cases', 'run_parts', 'run_tests', 'run_files', 'artifacts', 'runs'])
    await sql`alter table ${sql.table(table)} set (
      autovacuum_vacuum_scale_factor = 0.02,
      autovacuum_vacuum_threshold = 1000,
      autovacuum_vacuum_insert_scale_factor = 0.05,
      autovacuum_vacuum_insert_threshold = 10000,
      autovacuum_analyze_scale_factor = 0.02
    )`.execute(db);
}
