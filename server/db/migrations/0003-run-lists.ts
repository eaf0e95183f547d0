import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create index runs_by_trigger on runs (project_id, trigger, id desc)`,
    // Where the extension is missing or may not be installed, searches read the list instead.
    sql`do $$ begin
      create extension if not exists pg_trgm;
      create index runs_by_text on runs using gin (lower(name || ' ' || coalesce(triggered_by, '')) gin_trgm_ops);
    exception when insufficient_privilege or undefined_file or feature_not_supported or undefined_object then
      raise notice 'pg_trgm is not available: searches in runs have no index';
    end $$`,
  ];
  for (const statement of statements) await statement.execute(db);
}
