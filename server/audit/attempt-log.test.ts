import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { createDatabase } from '#server/db/database.ts';
import { defaultOrganizationId, defaultProjectId } from '#server/identity/default-ids.ts';
import { eventually } from '#server/testing/eventually.ts';
import { testDatabase } from '#server/testing/resources.ts';
import { strangerAt, systemActor } from '#server/identity/actor.ts';
import { listAudit, removeOldAuditEvents } from './queries.ts';
import { recordAudit } from './record-audit.ts';
import { createAttemptLog, type Attempt } from './attempt-log.ts';

async function openLog() {
  const database = await testDatabase();
  const { db, destroy } = createDatabase(database.connection);
  return {
    db,
    /** What has been written, and how often each. */
    rows: () =>
      db.selectFrom('auditEvents').select(['actorKind', 'actorName', 'targetName', 'count']).orderBy('id').execute(),
    async [Symbol.asyncDispose]() {
      await destroy();
      await database[Symbol.asyncDispose]();
    },
  };
}

const warnings: string[] = [];
const logger = { info() {}, warn: (_: object, message: string) => void warnings.push(message) };

const attempt = (address: string, name: string): Attempt => ({
  action: 'session.refused',
  who: strangerAt(address),
  target: { kind: 'account', id: null, name },
});
const forbidden = (userId: string): Attempt => ({
  action: 'access.refused',
  who: { kind: 'user', id: userId, name: userId, address: '10.0.0.1' },
  scope: { projectId: defaultProjectId },
  target: { kind: 'procedure', id: null, name: 'tests.run' },
});

test('equal attempts of a minute are one row, which counts them', async () => {
  await using log = await openLog();
  await using attempts = createAttemptLog({ db: log.db, logger });
  for (let n = 0; n < 10_000; n += 1) attempts.note(attempt('10.0.0.9', 'ada@example.com'));
  await eventually(async () =>
    expect(await log.rows()).toMatchObject([{ targetName: 'ada@example.com', count: 10_000 }]),
  );
  attempts.note(attempt('10.0.0.9', 'ada@example.com'));
  await eventually(async () => expect(await log.rows()).toMatchObject([{ count: 10_001 }]));
});

test('strangers write a limited number of rows, every attempt is counted, and users’ attempts stay visible', async () => {
  await using log = await openLog();
  {
    await using attempts = createAttemptLog({ db: log.db, logger });
    for (let n = 0; n < 1_000; n += 1)
      attempts.note(attempt(`10.0.${n % 256}.${n >> 8}`, `\0${'x'.repeat(900)}\ud800`));
    attempts.note(forbidden('ada'));
  }
  const rows = await log.rows();
  const ofStrangers = rows.filter(({ actorKind }) => actorKind === 'anonymous');
  expect(ofStrangers).toHaveLength(31);
  expect(ofStrangers.reduce((sum, { count }) => sum + count, 0)).toBe(1_000);
  expect(rows).toContainEqual({ actorKind: 'user', actorName: 'ada', targetName: 'tests.run', count: 1 });
});

test('a failed write is repeated', async () => {
  await using log = await openLog();
  await sql`alter table audit_events rename to elsewhere`.execute(log.db);
  {
    await using attempts = createAttemptLog({ db: log.db, logger });
    attempts.note(forbidden('ada'));
    await eventually(() => expect(warnings).toContainEqual(expect.stringContaining('trying again')));
    await sql`alter table elsewhere rename to audit_events`.execute(log.db);
    attempts.note(forbidden('ada'));
  }
  expect(await log.rows()).toMatchObject([{ actorName: 'ada', count: 2 }]);
});

test('events are kept for the configured days, refused attempts for 30 days at most', async () => {
  await using log = await openLog();
  const { db } = log;
  await db.transaction().execute(async (trx) => {
    for (const name of ['new', 'of last year'])
      await recordAudit(trx, systemActor(defaultProjectId), {
        action: 'test.created',
        target: { kind: 'test', id: null, name },
      });
  });
  {
    await using attempts = createAttemptLog({ db, logger });
    attempts.note(attempt('10.0.0.9', 'tried today'));
    attempts.note(attempt('10.0.0.9', 'tried in spring'));
  }
  const age = (name: string, days: number) =>
    sql`update audit_events set at = now() - ${days} * interval '1 day',
      id = overlay(id::text placing '018f0000-0000' from 1 for 13)::uuid where target_name = ${name}`.execute(db);
  await age('of last year', 364);
  await age('tried in spring', 31);
  const left = async () =>
    (
      await listAudit(
        db,
        { projectId: defaultProjectId, organizationId: defaultOrganizationId, ownsOrganization: true },
        { limit: 50 },
      )
    ).items.map((event) => event.targetName);

  expect(await removeOldAuditEvents(db, 365)).toBe(1);
  expect((await left()).sort()).toEqual(['new', 'of last year', 'tried today']);
  expect(await removeOldAuditEvents(db, 0)).toBe(0);
  expect(await removeOldAuditEvents(db, 363)).toBe(1);
  expect((await left()).sort()).toEqual(['new', 'tried today']);
});
