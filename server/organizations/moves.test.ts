import { sql } from 'kysely';
import { expect, test } from 'vitest';
import type { Database } from '#server/db/database.ts';
import { defaultOrganizationId } from '#server/identity/default-ids.ts';
import { createTestClient } from '#server/testing/client.ts';
import { eventually } from '#server/testing/eventually.ts';
import { testApp, type TestSystem } from '#server/testing/resources.ts';
import { inProject, inviteAndJoin, joinBy, testUser } from '#server/testing/users.ts';
import { whileWaiting } from '#server/testing/while-waiting.ts';

/** Eve owns Acme alone and, with Ada, who owns nothing else, the organisation that there is, in which the project Moves is. */
async function twoOwners(app: TestSystem) {
  const eve = await testUser(app, { email: 'eve@example.com', name: 'Eve' });
  const ada = await inviteAndJoin(app, 'Ada', eve.api.members.invite, 'owner');
  const { organizationId } = await eve.api.organizations.create.mutate({ name: 'Acme' });
  const { projectId } = await eve.api.projects.create.mutate({ name: 'Moves' });
  return { eve, ada, acmeId: organizationId, projectId };
}

const setOrganization = (db: Database, id: string, organizationId: string) =>
  db.updateTable('projects').set({ organizationId }).where('id', '=', id).execute();

test('a former owner of a project does and sees nothing in the organisation that it moves to meanwhile', async () => {
  await using app = await testApp({ accounts: {} });
  const { ada, eve, acmeId, projectId } = await twoOwners(app);
  const { api } = inProject(app, ada, projectId);
  const { id: eveId } = await eve.api.account.me.query();
  const { db } = app.services;
  const acme = async () => [
    await db.selectFrom('organizations').selectAll().where('id', '=', acmeId).execute(),
    await db.selectFrom('projects').selectAll().where('organizationId', '=', acmeId).orderBy('id').execute(),
    await db.selectFrom('members').selectAll().where('organizationId', '=', acmeId).execute(),
    await db.selectFrom('invitations').selectAll().where('organizationId', '=', acmeId).execute(),
    await db.selectFrom('auditEvents').selectAll().where('organizationId', '=', acmeId).execute(),
  ];
  const before = await acme();
  for (const attack of [
    () => api.organizations.rename.mutate({ name: 'Mine' }),
    () => api.members.invite.mutate({ email: 'mallory@example.com', role: 'owner' }),
    () => api.projects.create.mutate({ name: 'Mine' }),
    () => api.members.setRole.mutate({ userId: eveId, role: 'viewer' }),
    () => api.members.remove.mutate({ userId: eveId }),
  ]) {
    // They have been let in, and have not yet touched what they are about to change.
    await whileWaiting(
      app,
      (trx) => sql`lock table organizations in access exclusive mode`.execute(trx),
      attack,
      (trx) => setOrganization(trx, projectId, acmeId),
    );
    await setOrganization(db, projectId, defaultOrganizationId);
    expect(await acme(), String(attack)).toEqual(before);
  }
});

test('a change that waits for a move of the project is refused', async () => {
  await using app = await testApp({ accounts: {} });
  const { ada, eve, acmeId, projectId } = await twoOwners(app);
  const { api } = inProject(app, ada, projectId);
  const { id: userId } = await eve.api.account.me.query();
  const { db } = app.services;
  for (const late of [
    () => api.members.inviteToProject.mutate({ email: 'mallory@example.com', role: 'owner' }),
    () => api.members.setProjectRole.mutate({ userId, role: 'viewer' }),
    () => api.members.removeFromProject.mutate({ userId }),
    () => api.keys.create.mutate({ name: 'Stays', role: 'owner', expiresInDays: null }),
  ]) {
    const outcome = await whileWaiting(
      app,
      (trx) => setOrganization(trx, projectId, acmeId),
      late,
      async () => {},
    );
    expect(outcome, String(late)).toMatchObject({ reason: { data: { code: 'NOT_FOUND' } } });
    await setOrganization(db, projectId, defaultOrganizationId);
  }
  expect(await db.selectFrom('apiKeys').select('id').execute()).toEqual([]);
});

test('a member who loses the role in one project while the other one moves is removed', async () => {
  await using app = await testApp({ accounts: {} });
  const { eve, acmeId, projectId } = await twoOwners(app);
  const moving = inProject(app, eve, projectId).api;
  const email = 'bob@example.com';
  const bob = await joinBy(app, 'Bob', await moving.members.inviteToProject.mutate({ email, role: 'viewer' }));
  const { id: userId } = await bob.api.account.me.query();
  await eve.api.members.setProjectRole.mutate({ userId, role: 'viewer' });
  const moved = await whileWaiting(
    app,
    // As `members.removeFromProject` does, which finds the other role still there.
    async (trx) => {
      await trx.selectFrom('members').select('userId').where('userId', '=', userId).forUpdate().execute();
      await trx
        .deleteFrom('projectMembers')
        .where('projectId', '=', app.projectId)
        .where('userId', '=', userId)
        .execute();
    },
    () => moving.projects.move.mutate({ organizationId: acmeId }),
    async () => {},
  );
  expect(moved.status).toBe('fulfilled');
  expect((await eve.api.members.list.query()).items.map(({ name }) => name)).toEqual(['Eve', 'Ada']);
});

test('streams of users who lose their role by a move end, and streams of the project’s keys go on', async () => {
  await using app = await testApp({ accounts: {}, fallbackIntervalMs: 300 });
  const { eve, ada, acmeId, projectId } = await twoOwners(app);
  const moving = inProject(app, eve, projectId);
  const { key } = await moving.api.keys.create.mutate({ name: 'CI', role: 'editor', expiresInDays: 1 });
  const program = createTestClient({ url: app.url, headers: { authorization: `Bearer ${key}` } });
  const watcher = inProject(app, ada, projectId);
  const streams = [
    watcher.stream((api) => api.activity.onEvents),
    program.stream((api) => api.activity.onEvents),
  ] as const;
  await Promise.all(streams.map(({ started }) => started));
  await moving.api.projects.move.mutate({ organizationId: acmeId });
  await expect(streams[0].ended).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } });
  const { id: testId } = await program.api.tests.create.mutate({ name: 'Goes on', script: 'x' });
  const { runId } = await moving.api.tests.run.mutate({ testId });
  await eventually(() => expect(streams[1].data).toContainEqual(expect.objectContaining({ id: runId })));
  expect(JSON.stringify(streams[0].data)).not.toContain(runId);
  for (const client of [watcher, program]) client.closeStreams();
});
