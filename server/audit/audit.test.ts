import { sql } from 'kysely';
import { afterAll, describe, expect, test } from 'vitest';
import { procedures } from '#server/testing/procedures.ts';
import { startAuditFixture } from '#server/testing/audit-fixture.ts';
import { createMutationChanges } from '#server/testing/mutation-changes.ts';

const mutations = Object.entries(procedures)
  .filter(([, { _def }]) => _def.type === 'mutation')
  .map(([name]) => name);

const { app, ada, fixture, readEvents } = await startAuditFixture();
afterAll(() => app[Symbol.asyncDispose]());

/** Calls a mutation as Ada, from an address. */
async function call(name: string, input: object, project = app.projectId): Promise<number> {
  const { status } = await fetch(`${app.url}/api/trpc/${name}`, {
    method: 'POST',
    headers: {
      ...ada.headers,
      'content-type': 'application/json',
      'x-forwarded-for': '10.1.2.3',
      'x-runlight-project': project,
    },
    body: JSON.stringify(input),
  });
  return status;
}

/** All that there is in the database, but for what counts requests and remembers when they came. */
async function readEverything(): Promise<Record<string, string>> {
  const { db } = app.services;
  const tables = (await db.introspection.getTables()).filter(({ schema }) => schema === 'public');
  const contents: Record<string, string> = {};
  for (const { name } of tables) {
    const { rows } =
      await sql`select to_jsonb(t) - 'last_used_at' as row from ${sql.table(name)} as t order by 1`.execute(db);
    contents[name] = JSON.stringify(rows);
  }
  return contents;
}

describe('every mutation', () => {
  test('has a known event', () => {
    expect(Object.keys(createMutationChanges(fixture)).sort()).toEqual([...mutations].sort());
  });

  test.each(mutations)('%s leaves one event, and none when it is refused or repeated', async (name) => {
    const {
      input,
      event,
      unlessRepeated,
      project,
      events = 1,
      refused,
    } = await createMutationChanges(fixture)[name]!();
    const before = (await readEvents()).length;
    const added = async () => (await readEvents()).slice(before);

    expect(await call(name, refused, project)).toBeGreaterThanOrEqual(400);
    expect(await added()).toEqual([]);
    expect(await call(name, input, project)).toBe(200);
    const { id: userId } = await ada.api.account.me.query();
    const by = { actorKind: 'user', actorId: userId, actorName: 'Ada', address: '10.1.2.3', outcome: 'done', count: 1 };
    const recorded = await added();
    expect(recorded).toEqual(Array.from({ length: events }, () => expect.objectContaining({ ...by, ...event })));
    expect(new Set(recorded.map(({ organizationId }) => organizationId)).size).toBe(events);
    if (unlessRepeated) {
      await call(name, input, project);
      expect(await added()).toHaveLength(events);
    }
  });

  test.each(mutations)('%s changes nothing when its event cannot be written', async (name) => {
    const { db } = app.services;
    const { input, project, events } = await createMutationChanges(fixture)[name]!();
    if (events === 0) return;
    const before = await readEverything();
    await sql`create function refuse() returns trigger language plpgsql as
      $$ begin raise exception 'no events today'; end $$`.execute(db);
    await sql`create constraint trigger refuse after insert on audit_events
      deferrable initially deferred for each row execute function refuse()`.execute(db);
    try {
      const once = { ...input, ...('idempotencyKey' in input && { idempotencyKey: 'unused' }) };
      expect(await call(name, once, project)).toBe(500);
    } finally {
      await sql`drop function refuse cascade`.execute(db);
    }
    expect(await readEverything()).toEqual(before);
  });
});
