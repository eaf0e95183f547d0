import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    // No reference to users: the creator stays known after that user is removed.
    sql`alter table api_keys add column creator_id text`,
    sql`update api_keys set creator_id = event.actor_id from audit_events event
      where event.action = 'key.created' and event.actor_kind = 'user' and event.target_id = api_keys.id::text`,
    sql`create index api_keys_by_creator on api_keys (creator_id)`,
  ];
  for (const statement of statements) await statement.execute(db);
}
